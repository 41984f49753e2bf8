"""The numbers of an epoch, made complete before anybody reads them."""

from __future__ import annotations

from typing import Any

from indl_vae.models.host_value import host_value
from indl_vae.training.resumable import Resumable

#: Smoothed over epochs, as far as they are there.
SMOOTHED = ("val_nll", "val_nll_stirling", "val_nll_hidden", "val_nll_heldout_channels", "val_loss", "val_neg_elbo")
#: What a run may be selected by, and the metric that stands for it.
SELECTED_BY = {
    "hidden": "val_nll_hidden",
    "nll": "val_nll",
    "loss": "val_loss",
    "heldout_channels": "val_nll_heldout_channels",
    "elbo": "val_neg_elbo",
}


class EpochScores(Resumable):
    """Adds step, learning rate, smoothed validation scores and the selection score to the logs of each epoch.

    Args:
        select_on: "hidden" (entries hidden from the encoders), "nll", "loss", "heldout_channels" or
            "elbo".
        smoothing: Weight of the new value in the smoothed scores; the old one has the rest.
    """

    remembered = ("smoothed",)

    def __init__(self, select_on: str, smoothing: float) -> None:
        super().__init__()
        self.select_on, self.smoothing = select_on, smoothing
        self.smoothed: dict[str, float] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is None:
            return
        logs["step"] = host_value(self.model.optimizer.iterations)
        if getattr(getattr(self.model, "params", None), "stages", ()):
            logs["stage"] = self.model.stage
        logs["learning_rate"] = host_value(self.model.optimizer.learning_rate)
        for name in SMOOTHED:
            if name in logs:
                old = self.smoothed.get(name, float(logs[name]))
                self.smoothed[name] = self.smoothing * float(logs[name]) + (1.0 - self.smoothing) * old
                logs[f"{name}_smoothed"] = self.smoothed[name]
        score = SELECTED_BY[self.select_on]
        if score in self.smoothed:
            logs["val_selection"] = self.smoothed[score]
