"""The one model class: every family is a `SequentialVAE` around its own core."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.builders import create_augmentation
from indl_vae.errors import ConfigError
from indl_vae.models.batch import as_batch, observed, repeat_trials
from indl_vae.models.bounds import bounds
from indl_vae.models.compiled_steps import CompiledSteps
from indl_vae.models.metrics import Sums
from indl_vae.models.objective import Objective, Totals
from indl_vae.models.posterior import average_posterior
from indl_vae.models.precision import precision_scope
from indl_vae.models.stages import freeze
from indl_vae.models.trackers import Trackers, heldout_table
from indl_vae.params import Params, make_params
from indl_vae.registry import family_wiring
from indl_vae.typing import DataSpec


@keras.saving.register_keras_serializable(package="indl_vae")
class SequentialVAE(CompiledSteps, keras.Model):
    """A sequential variational autoencoder of one family, trained with `compile` and `fit`.

    The loss is the masked negative log-likelihood plus the family's terms (KL divergences, L2), each with its weight
    and ramp. With `nll_reduction="sum"` and KL weights of 1 it is minus the evidence lower bound per trial (plus L2).

    Args:
        params: The family's parameters, or the dict that makes them.
        spec: `DataSpec`, or the dict that makes it.
        stage: Stage of training that the model is in, 0 for the first; see `enter_stage`.

    Call arguments:
        batch: Array `(B, T, N)`, or dict of Batch keys: x, and optionally mask (1 = observed), visible (0 = hidden from
            the encoders), ext_input, truth (expected counts per bin, for scores alone).
        training: Whether dropout acts and posteriors are sampled.

    Returns:
        Dict: rates (expected counts per bin, `(B, T, N)`), raw (likelihood parameters), factors, and the family's
        latents and states.
    """

    def __init__(
        self, params: Params | Mapping[str, Any], spec: DataSpec | Mapping[str, Any], stage: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.params = params if isinstance(params, Params) else make_params(params["family"], dict(params))
        self.spec = spec if isinstance(spec, DataSpec) else DataSpec(**spec)
        with precision_scope(self.params.mixed_precision):
            parts = family_wiring(self.params.family)(self.params, self.spec)
        self.core, self.likelihood, self.terms = parts.core, parts.likelihood, parts.terms
        self._regularised, self._sample_prior = parts.regularised, parts.sample_prior
        self.carried_run, self.nll_weight = parts.carried_run, parts.nll_weight
        self.augmentation = create_augmentation(self.params)
        self.__dict__["encodings"] = parts.encodings  # not for Keras to track: tensors of the core, not weights
        self.__dict__["feed"] = parts.feed
        self.__dict__["start"] = parts.start
        self.__dict__.update({name: partial(method, self) for name, method in parts.methods.items()})
        heldout = heldout_table(self.params.heldout_channels, self.spec)
        self.trackers = Trackers(self.likelihood, heldout, name="trackers")
        self.objective = Objective(
            self.likelihood,
            self.terms,
            self._regularised,
            self.params.nll_reduction,
            sv_rate=self.params.sv_rate,
            gated=self.params.coordinated_dropout_rate > 0,
            q_samples=self.params.q_samples,
            nll_weight=self.nll_weight,
            bounded=parts.bounded,
        )
        self.neg_elbo = self.objective.neg_elbo
        self.__dict__["_wired_trainable"] = {layer.name: layer.trainable for layer in self.core.layers}
        self.built = True
        for number in (*range(1, len(self.params.stages) + 1), stage):  # what cannot be frozen is found out now
            self.enter_stage(number)

    def build(self, input_shape=None) -> None:
        """The core is built by the constructor."""

    def enter_stage(self, number: int) -> None:
        """Freezes what a stage of training leaves as it is; the model has to be compiled anew.

        Args:
            number: 0 for the first stage, i for the i-th of the parameter `stages`.

        Raises:
            ConfigError: A part that is to be frozen is none of the model's.
        """
        frozen = self.params.stages[number - 1].get("frozen", ()) if number else ()
        freeze(self.core, frozen, self._wired_trainable)
        self.stage = int(number)

    def call(self, batch, training=False):
        outputs = self.all_outputs(batch, training)
        return outputs if training else {k: v for k, v in outputs.items() if not k.startswith("_")}

    def all_outputs(self, batch: Any, training: bool = False) -> dict[str, Any]:
        """Returns the outputs of `call` and, under names with an underscore, what the loss needs besides."""
        batch = as_batch(batch, self.spec)
        if training:
            batch = repeat_trials(batch, self.params.q_samples)
        outputs = self.core({name: batch.get(name) for name in self.core.input}, training=training)
        return {"rates": self.likelihood.mean(outputs["raw"]), **outputs}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns the scalar loss of a batch and updates the metrics; `y` and `sample_weight` are not used."""
        batch = as_batch(x, self.spec)
        totals = self.objective.totals(batch, training)
        if training:
            batch = repeat_trials(batch, self.params.q_samples)
        loss, sums = self.loss_and_sums(batch, y_pred, totals, training)
        self._add_sums(sums)
        return loss

    def loss_and_sums(
        self, batch: dict[str, Any], outputs: dict[str, Any], totals: Totals, training: bool
    ) -> tuple[tf.Tensor, dict[str, Sums]]:
        """Returns the share of a part of a batch in the loss, and what the metrics are to add for it."""
        loss, sums = self.objective.loss(batch, outputs, totals, training)
        if self.losses:
            loss += tf.add_n(self.losses) * (tf.cast(tf.shape(batch["x"])[0], tf.float32) / totals.trials)
        return loss, sums | self.trackers.sums(batch, outputs, observed(batch))

    def add_scores(self, loss: tf.Tensor, sums: dict[str, Sums], trials: tf.Tensor) -> None:
        """Adds a batch's loss and sums to the metrics."""
        self._loss_tracker.update_state(loss, sample_weight=trials)
        self._add_sums(sums)

    def _add_sums(self, sums: dict[str, Sums]) -> None:
        metrics = self.trackers.by_name | {name: term.metric for name, term in self.terms.items()}
        if self.neg_elbo is not None:
            metrics["neg_elbo"] = self.neg_elbo
        for name, values in sums.items():
            metrics[name].add(values)

    def reported(self, names: set[str]) -> dict[str, Any]:
        """Returns the loss and the metrics of these names; scores against truth, say, are only where there is one."""
        return {k: v for k, v in self.get_metrics_result().items() if k == "loss" or k in names}

    @property
    def seed_generators(self) -> list[keras.random.SeedGenerator]:
        """The seed generators of all layers, in a fixed order."""
        return [generator for layer in self._flatten_layers() for generator in layer._seed_generators]

    def predict_step(self, data):
        """Returns the outputs of a batch; there are no targets to unpack."""
        return self(keras.utils.unpack_x_y_sample_weight(data)[0], training=False)

    def fit(self, x=None, *args, callbacks=None, **kwargs):
        """`keras.Model.fit`; counts the epochs for batches whose order depends on them (`dataset.train.batches`)."""
        clock = getattr(x, "clock", None)
        if clock is not None:
            count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: clock.assign(epoch))
            callbacks = [count, *(callbacks or [])]
            kwargs.setdefault("shuffle", False)  # these batches shuffle themselves; Keras would warn that it does not
        return super().fit(x, *args, callbacks=callbacks, **kwargs)

    def summary(self, *args, **kwargs):
        """`keras.Model.summary` of the model and of the core inside it."""
        return super().summary(*args, **{"expand_nested": True, **kwargs})

    def posterior(
        self, data: Any, samples: int = 50, seed: int = 0, push_mean: bool = False, batch_size: int | None = None
    ) -> dict[str, np.ndarray]:
        """Averages the outputs over samples of the posterior, in bounded memory.

        Args:
            data: Array `(B, T, N)`, dict of Batch keys, or a split of a dataset.
            samples: Number of posterior samples per trial.
            seed: The same seed gives the same numbers.
            push_mean: Push the posterior means through instead of averaging over samples.
            batch_size: Trials times samples in memory at once.

        Returns:
            Arrays by name: rates (expected counts per bin, averaged as rates), factors, gen_states, f_loc, ...
        """
        return average_posterior(self, data, samples, seed, push_mean, batch_size)

    def bounds(
        self, data: Any, samples: int = 50, seed: int = 0, weights: str = "sample", batch_size: int | None = None
    ) -> dict[str, np.ndarray]:
        """Returns lower bounds "elbo" and "iwae" `(B,)` of each trial's log-evidence; see `indl_vae.models.bounds`."""
        return bounds(self, data, samples, seed, weights, batch_size)

    def sample_prior(
        self,
        n: int,
        seed: int = 0,
        n_bins: int | None = None,
        ext_input: Any = None,
        session: str | None = None,
    ) -> dict[str, np.ndarray]:
        """Draws `n` trials from the prior.

        Args:
            n: Number of trials.
            seed: The same seed gives the same trials.
            n_bins: Length; that of the training data by default.
            ext_input: `(n, T, U)`, for a model with measured external input.
            session: Name of the session whose channels' rates are wanted; the first by default.

        Raises:
            ConfigError: The model has no such session, was built for trials of any length and is given none, or needs
                an external input.
        """
        n_bins = n_bins or self.spec.n_bins
        if not n_bins:
            raise ConfigError("n_bins: expected the number of bins to draw, got none; the model was built without one.")
        beside = {} if session is None else {"session": self.spec.number_of(session)}
        outputs = self._sample_prior(n, n_bins, seed, ext_input, **beside)
        return {k: np.asarray(v) for k, v in outputs.items()}

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "params": self.params.model_dump(mode="json"), "spec": self.spec.to_dict()} | (
            {"stage": self.stage} if self.stage else {}
        )
