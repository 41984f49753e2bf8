"""How a network runs by itself, scored now and then while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from indl_vae.data.split import Split


class DynamicsScores(keras.callbacks.Callback):
    """Adds figures of the dynamics on the validation split to the logs, as `val_<name>`; NaN in the epochs between.

    Args:
        split: The validation split.
        metrics: Some of `indl_vae.analysis.dynamics.METRICS`.
        every: Epochs from one scoring to the next; the last epoch is always scored.
        n_epochs: Number of epochs of the whole training.
        seed: Of random starts.
    """

    def __init__(self, split: Split, metrics: Sequence[str], every: int, n_epochs: int, seed: int = 0) -> None:
        super().__init__()
        self.split, self.metrics, self.every = split, tuple(metrics), max(1, int(every))
        self.n_epochs, self.seed, self._names = n_epochs, seed, ()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        from indl_vae.analysis.dynamics import evaluate_dynamics

        if logs is None:
            return
        due = (epoch + 1) % self.every == 0 or epoch + 1 == self.n_epochs
        if due or not self._names:
            found = evaluate_dynamics(self.model, self.split, self.metrics, self.seed)
            self._names = tuple(found)
        logs.update({f"val_{name}": found[name] if due else float("nan") for name in self._names})
