"""Writes the ramps of the loss terms while training."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.models.host_value import host_value
from indl_vae.params import RampGroup
from indl_vae.training.ramp import ramp_by_epoch, ramp_by_step


class Ramps(keras.callbacks.Callback):
    """Sets the ramp of every KL and L2 term, by epoch or by step; the weights themselves stay as they are.

    Args:
        ramps: `ramp_unit`, and `start` and `length` of `kl_ramp`, `l2_ramp`, `kl_f_ramp` and `kl_z_ramp`,
            and `from` of the latter two.
    """

    def __init__(self, ramps: RampGroup) -> None:
        super().__init__()
        self.ramps = ramps

    def value(self, kind: str, epoch: int, step: int, term: str = "") -> float:
        """Returns the factor of terms of a kind ("kl", "l2"), or of a term with its own ramp; 1 for other kinds."""
        first = float(self.ramps.get(f"{term}_ramp_from") or 0.0)
        return first + (1.0 - first) * self._progress(kind, epoch, step, term)

    def _progress(self, kind: str, epoch: int, step: int, term: str) -> float:
        """Returns how far a ramp is, from 0 to 1."""
        if kind not in ("kl", "l2"):
            return 1.0
        start, length = (self._setting(kind, term, what) for what in ("start", "length"))
        by_step = self.ramps.ramp_unit == "step"
        return ramp_by_step(step, start, length) if by_step else ramp_by_epoch(epoch, start, length)

    def _setting(self, kind: str, term: str, what: str) -> int:
        own = self.ramps.get(f"{term}_ramp_{what}")
        return int(self.ramps[f"{kind}_ramp_{what}"] if own is None else own)

    def over(self, epoch: int, step: int) -> bool:
        """Returns whether all ramps have reached 1."""
        return all(self._progress(kind, epoch, step, term) >= 1.0 for kind, term in self._ramps())

    def _ramps(self) -> list[tuple[str, str]]:
        """Returns the kinds, and the terms that have a ramp of their own."""
        names = ("kl_f", "kl_z")
        own = [n for n in names if any(self.ramps.get(f"{n}_ramp_{what}") is not None for what in ("start", "length"))]
        own += [n for n in names if n not in own and self.ramps[f"{n}_ramp_from"]]
        return [("kl", ""), ("l2", ""), *(("kl", name) for name in own)]

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._write()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.ramps.ramp_unit == "step":
            self._write()

    def _write(self) -> None:
        step = host_value(self.model.optimizer.iterations)
        for term in self.model.terms.values():
            term.ramp.assign(self.value(term.kind, self._epoch, step, term.name))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        step = host_value(self.model.optimizer.iterations)
        if logs is not None:
            logs.update({f"ramp_{term or kind}": self.value(kind, epoch, step, term) for kind, term in self._ramps()})
            logs["ramps_over"] = float(self.over(epoch, step))
