"""Divergence of each latent, epoch by epoch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras
import numpy as np

from indl_vae.data.split import Split
from indl_vae.errors import ConfigError, DataError


class LatentKLLog(keras.callbacks.Callback):
    """Writes the mean divergence of each latent over some windows after each epoch, nats a bin, as a CSV file.

    A training that goes on after an interruption goes on with the file; epochs that are done again are written again.

    Args:
        split: Its first windows are those that divergences are of.
        path: The file.
        every: Epochs from row to row.
        n_trials: Windows.

    Raises:
        ConfigError: `every` or `n_trials` is below 1.
    """

    def __init__(self, split: Split, path: str | Path, every: int = 1, n_trials: int = 32) -> None:
        super().__init__()
        if min(every, n_trials) < 1:
            raise ConfigError(f"every, n_trials: expected numbers from 1 up, got {every} and {n_trials}.")
        self.windows, self.path, self.every = split.take(slice(0, n_trials)), Path(path), int(every)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if epoch % self.every:
            return
        kl = self.model.posterior(self.windows, push_mean=True)["kl_per_latent"].mean(0)
        before = []
        if self.path.exists():
            epochs, table = read_latent_kl(self.path)
            before = [(n, *row) for n, row in zip(epochs, table, strict=True) if n <= epoch]
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["epoch", *(f"latent_{i}" for i in range(len(kl)))])
            writer.writerows([int(n), *(f"{value:.6g}" for value in row)] for n, *row in [*before, (epoch + 1, *kl)])


def read_latent_kl(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Returns the epochs `(E,)` and divergences `(E, L)` of a file of `LatentKLLog`.

    Raises:
        DataError: The file holds no such table.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    try:
        table = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]])
    except ValueError as error:
        raise DataError(f"{path}: expected a table of numbers, as LatentKLLog writes it: {error}.") from error
    if table.ndim != 2 or not lines[0].startswith("epoch,latent_0"):
        raise DataError(f"{path}: expected columns epoch, latent_0, ... and a row at least, as LatentKLLog writes it.")
    return table[:, 0].astype(int), table[:, 1:]
