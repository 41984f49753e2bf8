"""Learning rates, epoch by epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras

#: Share of the peak at which warm-up begins.
_FIRST = 1e-3


@dataclass(frozen=True, eq=False)
class LearningRates:
    """A linear warm-up, half a cosine down to a floor, and the floor from then on; a function of the epoch alone.

    (The published rate rises again after the cosine.)

    Args:
        optimizer: Whose rate `write` writes.
        peak: Rate after warm-up.
        warmup: Epochs of warm-up, from a thousandth of the peak; 0 for none.
        cosine: Epochs of the cosine, at least 1.
        floor: Share of the peak that the cosine ends at.
    """

    optimizer: keras.optimizers.Optimizer
    peak: float
    warmup: int
    cosine: int
    floor: float

    def __call__(self, epoch: int) -> float:
        """Returns the rate in an epoch, counted from 1."""
        done = epoch - 1
        if done < self.warmup:
            return self.peak * (_FIRST + (1.0 - _FIRST) * done / self.warmup)
        along = min((done - self.warmup) / self.cosine, 1.0)
        return self.peak * (self.floor + (1.0 - self.floor) * 0.5 * (1.0 + math.cos(math.pi * along)))

    def finished(self, epoch: int) -> bool:
        """Returns whether an epoch, counted from 1, comes after the cosine's last one."""
        return epoch > self.warmup + self.cosine

    def write(self, epoch: int) -> None:
        """Writes the rate of an epoch into the optimizer, for training loops of one's own."""
        self.optimizer.learning_rate = self(epoch)
