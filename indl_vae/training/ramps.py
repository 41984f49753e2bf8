"""Writes the ramps of the loss terms while training."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.params import RampGroup
from indl_vae.training.ramp import ramp_by_epoch, ramp_by_step


class Ramps(keras.callbacks.Callback):
    """Sets the ramp of every KL and L2 term, by epoch or by step; the weights themselves stay as they are.

    Args:
        ramps: `ramp_unit`, `kl_ramp_start`, `kl_ramp_length`, `l2_ramp_start`, `l2_ramp_length`.
    """

    def __init__(self, ramps: RampGroup) -> None:
        super().__init__()
        self.ramps = ramps

    def value(self, kind: str, epoch: int, step: int) -> float:
        """Returns the ramp of terms of a kind ("kl" or "l2"); 1 for other kinds."""
        if kind not in ("kl", "l2"):
            return 1.0
        start, length = self.ramps[f"{kind}_ramp_start"], self.ramps[f"{kind}_ramp_length"]
        by_step = self.ramps.ramp_unit == "step"
        return ramp_by_step(step, start, length) if by_step else ramp_by_epoch(epoch, start, length)

    def over(self, epoch: int, step: int) -> bool:
        """Returns whether both ramps have reached 1."""
        return all(self.value(kind, epoch, step) >= 1.0 for kind in ("kl", "l2"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._write()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.ramps.ramp_unit == "step":
            self._write()

    def _write(self) -> None:
        step = int(self.model.optimizer.iterations)
        for term in self.model.terms.values():
            term.ramp.assign(self.value(term.kind, self._epoch, step))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        step = int(self.model.optimizer.iterations)
        if logs is not None:
            logs.update({f"ramp_{kind}": self.value(kind, epoch, step) for kind in ("kl", "l2")})
            logs["ramps_over"] = float(self.over(epoch, step))
