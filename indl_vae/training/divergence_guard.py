"""Ends a run whose numbers are no longer finite."""

from __future__ import annotations

import math
from typing import Any

import keras

from indl_vae.errors import TrainingDivergedError


class DivergenceGuard(keras.callbacks.Callback):
    """Raises `TrainingDivergedError` at the end of an epoch with a loss that is not finite.

    What was best before stays saved; the message names the epoch and what to try.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        bad = [name for name in ("loss", "val_loss") if not math.isfinite(float((logs or {}).get(name, 0.0)))]
        if bad:
            rate = float(self.model.optimizer.learning_rate)
            kept = "The best model before it is kept. " if epoch else ""
            raise TrainingDivergedError(
                f"Training diverged: {' and '.join(bad)} not finite in epoch {epoch + 1}. {kept}Try a lower learning "
                f"rate (it is {rate:g}; try --set learning_rate={rate / 4:.2g}), a lower max_grad_norm, "
                "clip_log_rate=true, or a longer KL ramp (kl_ramp_length); `indl-vae inspect` shows channels with "
                "extreme counts."
            )
