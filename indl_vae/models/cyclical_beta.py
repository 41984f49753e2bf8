"""KL weights that come in cycles."""

from __future__ import annotations

import math
from typing import Any

import keras

from indl_vae.models.host_value import host_value
from indl_vae.params import CyclicalBetaGroup, narrow


def cyclical_beta(step: int, n_steps: int, settings: CyclicalBetaGroup) -> float:
    """Returns the factor of the KL terms in a training step of `n_steps`, counted from 0; 1 without cycles.

    Every cycle, `n_steps / peaks` long, rises linearly from the floor to the peak over the warm-up, and falls back
    along half a cosine over what remains; after the last rise the factor stays at the peak, so that the loss is a bound
    when that is 1.
    """
    if not settings.beta_peaks:
        return 1.0
    period = n_steps / settings.beta_peaks
    if step >= n_steps - (period - min(settings.beta_warmup_steps, period)):
        return settings.beta_max  # the last peak
    at = math.fmod(step, period)
    floor, height = settings.beta_floor, settings.beta_max - settings.beta_floor
    warmup = min(settings.beta_warmup_steps, period)
    if at < warmup:
        return floor + height * at / warmup
    fallen = (at - warmup) / max(period - warmup, 1e-9)
    return floor + height * 0.5 * (1.0 + math.cos(math.pi * fallen))


class CyclicalBeta(keras.callbacks.Callback):
    """Writes the weights of KL terms before every step, and logs their factor with the epoch; idle without cycles.

    A later stage of training begins with what the first one ends with.

    Args:
        params: Reads those of `CyclicalBetaGroup`.
        n_steps: Training steps of the first stage.
    """

    def __init__(self, params: Any, n_steps: int) -> None:
        super().__init__()
        self.settings, self.n_steps = narrow(CyclicalBetaGroup, params), n_steps
        self._now: float | None = None

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self.settings.beta_peaks:
            return
        step = self.n_steps if getattr(self.model, "stage", 0) else host_value(self.model.optimizer.iterations)
        self._now = cyclical_beta(step, self.n_steps, self.settings)
        for term in self.model.terms.values():
            if term.kind == "kl":
                term.weight_value.assign(self._now * term.initial_weight)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None and self._now is not None:
            logs["beta"] = self._now
