"""Weight of the divergence and free bits, epoch by epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class KLSchedule:
    """What acts in an epoch, counted from 1, as a function of nothing but the epoch.

    Args:
        total_epochs: Epochs E of the training.
        beta_max: Weight of the divergence after a warm-up of 0.3 E epochs, along which it grows from 0.
        tau: Free bits after max(3, 0.1 E) epochs; none before.
        legacy: Use the weights that the published code really used. It multiplied each epoch's factor into the weight
            that the last epoch had left, so that training ends at a weight of almost 0; its free bits never changed.
    """

    total_epochs: int
    beta_max: float = 0.2
    tau: float = 0.01
    legacy: bool = False

    def beta(self, epoch: int) -> float:
        """Returns the weight of the divergence."""
        before = range(1, epoch) if self.legacy else range(epoch - 1, epoch)
        return self.beta_max * math.prod(self._grown(done) for done in before)

    def free_bits(self, epoch: int) -> float:
        """Returns the free bits in nats a latent; with `legacy` they are `tau` throughout."""
        if self.legacy:
            return self.tau
        return 0.0 if epoch - 1 < max(3, int(0.1 * self.total_epochs)) else self.tau

    def _grown(self, done: int) -> float:
        """Returns the factor after so many epochs."""
        return min(1.0, done / max(1, int(0.3 * self.total_epochs)))
