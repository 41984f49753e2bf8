"""The family of models that keras-tuner searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from indl_vae.data import Dataset
from indl_vae.errors import ConfigError
from indl_vae.params import Params
from indl_vae.registry import resolve_family
from indl_vae.tuning.argument import plain
from indl_vae.tuning.combinations import Shared
from indl_vae.tuning.search_space import SearchSpace
from indl_vae.tuning.selection import SCORE, check_ramps

try:
    import keras_tuner
except ImportError as error:  # an extra
    raise ConfigError(
        f'keras-tuner: expected it to be installed ({error}). Call: pip install "indl_vae[tune]"'
    ) from error


class VAEHyperModel(keras_tuner.HyperModel):
    """A `keras_tuner.HyperModel` of a family: the search space from its fields, training as `indl-vae train` does.

    With keras-tuner's own tuners (`keras_tuner.RandomSearch(VAEHyperModel("lfads", dataset), "val_selection", ...)`)
    all trials are trained in one process, whose memory grows with each; `RunTuner` gives each a process of its own.

    Args:
        family: Name of the family.
        dataset: From `load_dataset`; its validation trials score the models.
        config: Parameters to start from, which are searched all the same, under the `preset` in `fixed`.
        space: Field or alias -> a list of values, {low, high, scale}, or None for the range that the field declares;
            only these are searched then. None for all fields that declare one.
        **fixed: Parameters that are the same for all models, and the preset.

    Raises:
        ConfigError: The selection score could be improved by copying what the encoders saw (`select_on`), the ramps do
            not end within a trial, or a field of the space cannot be searched.
    """

    def __init__(
        self,
        family: str,
        dataset: Dataset,
        config: Mapping[str, Any] | None = None,
        space: Mapping[str, Any] | None = None,
        **fixed: Any,
    ) -> None:
        super().__init__(name=f"{family}_hyper_model")
        name, implied = resolve_family(family)
        settings = {**implied, **{key: plain(value, key) for key, value in fixed.items() if key != "preset"}}
        shared = Shared(name, fixed.get("preset"), dict(config or {}), settings)
        self.dataset = dataset
        self.space = SearchSpace(shared, space, (dataset.train.n_bins, dataset.train.n_channels))
        check_ramps(self.space.base, dataset.train.n_trials)

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Enters all parameters that are searched."""
        self.space.register(hp)

    def params(self, hp: keras_tuner.HyperParameters) -> Params:
        """Returns the parameters of the model that was drawn.

        Raises:
            ConfigError: The family does not accept this combination.
        """
        from indl_vae.training.train import hold_out_as  # what keras-tuner does without is loaded when it is needed

        self.space.register(hp)
        return hold_out_as(self.space.params(hp.values), self.dataset)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Returns the compiled model that was drawn."""
        from indl_vae.models import build_model

        return build_model(self.params(hp), self.dataset)

    def fit(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, callbacks: Any = (), **options: Any
    ) -> dict[str, float]:
        """Trains a model on the dataset and returns its best selection score after the ramps.

        Args:
            hp: What was drawn.
            model: Of `build`.
            *args: Nothing: the data are those of the hyper-model.
            callbacks: Act after those of the training.
            **options: Further options of `keras.Model.fit`, as epochs.

        Raises:
            ConfigError: Data are given.
            keras_tuner.errors.FailedTrialError: The ramps did not end, so that no score counts.
        """
        if args or set(options) & {"x", "y", "validation_data", "validation_split"}:
            raise ConfigError(
                "search: expected no data, of which the hyper-model holds all and hides some. Leave them out."
            )
        from indl_vae.tuning.hyper_training import train_model

        return {SCORE: train_model(model, self.dataset, callbacks, options)}
