"""What a training was like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

Row = dict[str, float]


@dataclass
class History:
    """The epochs of a training and the best of them.

    It unpacks into two lists, as in the published example (`losses, rates = fit_model(...)`); `as_published` returns
    the three values that the published code returns.

    Attributes:
        history: A row an epoch: epoch (from 1), train_rec, train_kl, train_sum, val_rec, val_kl, val_sum, beta,
            free_bits, lr, epoch_elapsed (seconds). The epoch at which training stopped is among them.
        best_epoch: Epoch of the best score, from 1; 0 before there is any.
        best_state: Trained weights of that epoch by their paths; the model has them too.
    """

    history: list[Row] = field(default_factory=list)
    best_epoch: int = 0
    best_state: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def losses(self) -> list[float]:
        """The training loss (train_sum) of each epoch."""
        return [row["train_sum"] for row in self.history]

    @property
    def lrs(self) -> list[float]:
        """The learning rate of each epoch."""
        return [row["lr"] for row in self.history]

    def __iter__(self) -> Iterator[list[float]]:
        return iter((self.losses, self.lrs))

    def as_published(self) -> tuple[list[Row], int, dict[str, np.ndarray]]:
        """Returns history, best_epoch and best_state."""
        return self.history, self.best_epoch, self.best_state
