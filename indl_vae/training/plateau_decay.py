"""Lowers the learning rate when the loss no longer falls."""

from __future__ import annotations

import math
from typing import Any

from indl_vae.models.host_value import host_value
from indl_vae.params import OptimizerGroup
from indl_vae.training.resumable import Resumable


class PlateauDecay(Resumable):
    """Multiplies the learning rate by `lr_decay` on a plateau, down to `lr_stop`.

    "valid_plateau" (AutoLFADS): after the ramps, when the validation loss is above all of the `lr_patience` before it
    and the rate has rested for as many epochs. "train_plateau" (LFADS on TF1): the same of the training loss, from the
    start, where more than `lr_patience` losses must have been seen before the first decay, and training ends when the
    rate falls below `lr_stop`. Any other rule: nothing is done here. Epochs that lie in the warm-up do not count.

    Args:
        rule: Value of `lr_rule`.
        settings: `lr_decay`, `lr_patience`, `lr_stop`, `lr_warmup_steps`.
    """

    remembered = ("losses", "rested", "ended")

    def __init__(self, rule: str, settings: OptimizerGroup) -> None:
        super().__init__()
        self.rule, self.settings = rule, settings
        self.forget()

    def forget(self) -> None:
        """Starts anew, as for a learning rate that was set by hand."""
        self.losses: list[float] = []
        self.ended = False
        self.rested = -1 if self.rule == "train_plateau" else 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.rule not in ("train_plateau", "valid_plateau") or logs is None:
            return
        name = "loss" if self.rule == "train_plateau" else "val_loss"
        if name not in logs or (self.rule == "valid_plateau" and not logs["ramps_over"]):
            return
        if self.settings.lr_warmup_steps and logs["step"] <= self.settings.lr_warmup_steps:
            return  # the rate is the warm-up's, whose last step comes with the next batch
        patience = self.settings.lr_patience
        before, now = self.losses[-patience:], float(logs[name])
        if not math.isfinite(now):
            return  # an epoch of nothing but skipped steps
        self.rested += 1
        self.losses = [*before, now]
        if len(before) == patience and self.rested > patience and now > max(before):
            self._decay()

    def _decay(self) -> None:
        optimizer, settings = self.model.optimizer, self.settings
        self.rested = 0
        rate = host_value(optimizer.learning_rate) * settings.lr_decay
        if self.rule == "train_plateau":
            if rate < settings.lr_stop:
                self.ended = self.model.stop_training = True
        else:
            now = host_value(optimizer.learning_rate)
            rate = min(max(rate, settings.lr_stop), now)  # that of a run that went back may be lower
        if math.isfinite(rate):
            optimizer.learning_rate = rate
