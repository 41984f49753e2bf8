"""Lowers the learning rate along half a cosine."""

from __future__ import annotations

import math
from typing import Any

import keras

from indl_vae.params import OptimizerGroup


class CosineDecay(keras.callbacks.Callback):
    """Takes the learning rate from `learning_rate` to `lr_stop` over `lr_decay_steps` steps, where it then stays.

    The rate is a function of the optimizer's step count, so a resumed run goes on where it was.

    Args:
        settings: `learning_rate`, `lr_stop`, `lr_decay_steps`.
    """

    def __init__(self, settings: OptimizerGroup) -> None:
        super().__init__()
        self.settings = settings

    def rate(self, step: int) -> float:
        """Returns the learning rate of step `step`, counted from 0."""
        share = min(step / self.settings.lr_decay_steps, 1.0)
        span = self.settings.learning_rate - self.settings.lr_stop
        return self.settings.lr_stop + 0.5 * span * (1.0 + math.cos(math.pi * share))

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        optimizer = self.model.optimizer
        optimizer.learning_rate = self.rate(int(optimizer.iterations))
