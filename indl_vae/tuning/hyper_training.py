"""The training of a model that keras-tuner drew, in this process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import keras_tuner

from indl_vae.data import Dataset
from indl_vae.params import OptimizerGroup, Params, RampGroup, narrow
from indl_vae.training.divergence_guard import DivergenceGuard, Setback
from indl_vae.training.epoch_scores import EpochScores
from indl_vae.training.legs import steps_as_epochs
from indl_vae.training.plateau_decay import PlateauDecay
from indl_vae.training.ramps import Ramps
from indl_vae.training.scheduled_decay import SCHEDULES, ScheduledDecay
from indl_vae.training.train import batches
from indl_vae.tuning.selection import SCORE


def train_model(
    model: keras.Model, dataset: Dataset, further: Sequence[keras.callbacks.Callback], options: dict[str, Any]
) -> float:
    """Trains a model as `indl-vae train` does and returns its best selection score after the ramps.

    Args:
        model: Compiled.
        dataset: Whose validation trials are scored, with entries hidden from the encoders.
        further: Callbacks that act after those of the training.
        options: Of `keras.Model.fit`.

    Raises:
        keras_tuner.errors.FailedTrialError: The ramps did not end, so that no score counts; or it diverged.
    """
    train_batches, valid_batches = batches(model.params, dataset, model.feed)
    params = steps_as_epochs(model.params, max(1, int(train_batches.cardinality())))
    score = _BestScore()
    try:
        model.fit(
            train_batches,
            validation_data=valid_batches,
            callbacks=[*_callbacks(params, model, dataset), score, *further],
            **{"epochs": params.n_epochs, "verbose": 0, **options},
        )
    except Setback as setback:  # a trial does not go back: others are drawn
        raise keras_tuner.errors.FailedTrialError(f"diverged: {setback}") from setback
    if not math.isfinite(score.best):
        raise keras_tuner.errors.FailedTrialError("no score: the ramps did not end within the epochs of the trial")
    return score.best


class _BestScore(keras.callbacks.Callback):
    """Keeps the best selection score after the ramps; before their end it makes the score infinite for all others."""

    def __init__(self) -> None:
        super().__init__()
        self.best = math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is None:
            return
        if not logs.get("ramps_over", 1.0):
            logs[SCORE] = math.inf
        self.best = min(self.best, float(logs.get(SCORE, math.inf)))


def _callbacks(params: Params, model: keras.Model, dataset: Dataset) -> list[keras.callbacks.Callback]:
    optimizer = narrow(OptimizerGroup, params)
    scheduled = optimizer.lr_rule in SCHEDULES or optimizer.lr_warmup_steps
    return [
        *([] if model.feed is None else model.feed.callbacks(dataset.train)),
        Ramps(narrow(RampGroup, params)),
        EpochScores(optimizer.select_on, optimizer.smoothing),
        DivergenceGuard(optimizer.max_skipped_steps),
        PlateauDecay(optimizer.lr_rule, optimizer),
        *([ScheduledDecay(optimizer)] if scheduled else []),
    ]
