"""Learning rates that fall by the step count alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from indl_vae.models.host_value import host_value
from indl_vae.params import OptimizerGroup

#: Shares of the steps at which the rate falls to a tenth (Brenner, Hess et al. 2022).
_STAIRS = (0.1, 0.8, 0.9)


def _cosine(share: float, first: float, last: float) -> float:
    return last + 0.5 * (first - last) * (1.0 + math.cos(math.pi * share))


def _exponential(share: float, first: float, last: float) -> float:
    return first * (last / first) ** share


def _stairs(share: float, first: float, last: float) -> float:
    return max(first * 0.1 ** sum(share >= stair for stair in _STAIRS), last)


#: Name of a rule to the rate after a share of the steps, between a first and a last rate.
SCHEDULES: dict[str, Callable[[float, float, float], float]] = {
    "cosine": _cosine,
    "exponential": _exponential,
    "stairs": _stairs,
}


class ScheduledDecay(keras.callbacks.Callback):
    """Raises the learning rate over a warm-up, and takes it to `lr_stop` over `lr_decay_steps` steps after it.

    The rate is a function of the optimizer's step count, so a resumed run goes on where it was.

    Args:
        settings: `lr_rule` (without a schedule the rate stays after the warm-up), `learning_rate`, `lr_stop`,
            `lr_decay_steps`, `lr_warmup_steps`, `lr_warmup_from`.
        factor: What all rates are multiplied by (that of a run that went back: `DivergenceGuard`).
    """

    def __init__(self, settings: OptimizerGroup, factor: Callable[[], float] = lambda: 1.0) -> None:
        super().__init__()
        self.settings, self._factor = settings, factor

    def rate(self, step: int) -> float:
        """Returns the learning rate of step `step`, counted from 0."""
        settings = self.settings
        if step < settings.lr_warmup_steps:
            first = min(settings.lr_warmup_from, settings.learning_rate)
            return first + (settings.learning_rate - first) * step / settings.lr_warmup_steps
        if settings.lr_rule not in SCHEDULES:
            return settings.learning_rate
        share = min((step - settings.lr_warmup_steps) / settings.lr_decay_steps, 1.0)
        return SCHEDULES[settings.lr_rule](share, settings.learning_rate, settings.lr_stop)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        optimizer = self.model.optimizer
        step = host_value(optimizer.iterations)
        if self.settings.lr_rule in SCHEDULES or step <= self.settings.lr_warmup_steps:
            optimizer.learning_rate = self.rate(step) * self._factor()
