"""The stages of a run, one after the other."""

from __future__ import annotations

import math
import shutil
from typing import Any, NamedTuple

import keras

from indl_vae.models.build import make_optimizer
from indl_vae.params import Params
from indl_vae.params.stage import Stage
from indl_vae.run_folder import RunFolder
from indl_vae.training.run_log import LOGGER
from indl_vae.training.scheduled_decay import SCHEDULES


class Leg(NamedTuple):
    """A stage of a run.

    Attributes:
        number: 0 for the first.
        n_epochs: How many epochs it has.
        params: The run's parameters as they are in it; `n_epochs` its last epoch.
    """

    number: int
    n_epochs: int
    params: Params

    def after(self, first_epoch: int) -> Leg:
        """Returns the stage as it is when it begins after so many epochs."""
        return self._replace(params=self.params.replace(n_epochs=first_epoch + self.n_epochs))


def steps_as_epochs(params: Params, steps_per_epoch: int) -> Params:
    """Returns the parameters with `n_epochs` set to the epochs that `n_steps` fill, if that is given."""
    if not params.get("n_steps"):
        return params
    return params.replace(n_epochs=math.ceil(params.n_steps / steps_per_epoch))


def legs_of(params: Params, steps_per_epoch: int) -> list[Leg]:
    """Returns the stages of a run: what its parameters are in each of them.

    Args:
        params: The run's parameters.
        steps_per_epoch: Training steps of an epoch.
    """
    legs = [Leg(0, params.n_epochs, params)]
    for number, one in enumerate(params.stages, 1):
        stage = Stage(**one)
        epochs = stage.n_epochs or math.ceil(stage.n_steps / steps_per_epoch)
        changes: dict[str, Any] = {"lr_warmup_steps": stage.lr_warmup_steps}
        if stage.learning_rate is not None:
            changes["learning_rate"] = stage.learning_rate
        if params.lr_rule in SCHEDULES:  # over the stage's own length
            changes["lr_decay_steps"] = max(1, epochs * steps_per_epoch - stage.lr_warmup_steps)
        if params.get("n_steps"):
            changes["n_steps"] = None
        legs.append(Leg(number, epochs, params.replace(**changes)))
    return legs


def enter(model: keras.Model, leg: Leg, files: RunFolder) -> None:
    """Makes a model ready for a stage: weights of the best model so far, parts frozen, an optimizer of its own.

    The best model of the stage before is kept as `best_stage_<i>.keras`.
    """
    model.set_weights(keras.models.load_model(files.best).get_weights())
    shutil.copyfile(files.best, files.path / f"best_stage_{leg.number}.keras")
    model.enter_stage(leg.number)
    model.compile(optimizer=make_optimizer(leg.params), jit_compile=model.jit_compile)
    model.optimizer.build(model.trainable_variables)
    LOGGER.info("stage %d begins: %d of %d weights are trained", leg.number, *_counts(model))


def _counts(model: keras.Model) -> tuple[int, int]:
    count = lambda weights: sum(math.prod(weight.shape) for weight in weights)  # noqa: E731
    return count(model.trainable_weights), count(model.core.weights)
