"""Batches of windows in the published form, as often as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from indl_vae.data.worms import WormWindows
from indl_vae.errors import ConfigError


class WindowLoader:
    """Goes through windows in batches; every pass is a new one, in another order where they are shuffled.

    The order is a function of the seed and of the number of passes before, and of nothing else in the program.

    Args:
        windows: What is gone through.
        batch_size: Windows in a batch; the last one may be smaller.
        seed: Of the order; None for that of the windows.

    Yields:
        Dict: X, M `(B, N, T)`, Bx `(B, Tb, T)` float32, I `(B, N)` int64, and meta, a list of dicts of uid and t_start.

    Raises:
        ConfigError: The batch size is below 1.
    """

    def __init__(self, windows: WormWindows, batch_size: int, seed: int | None = None) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ConfigError(f"batch_size: expected a number of windows from 1 up, got {batch_size!r}.")
        self.windows, self.batch_size, self.seed = windows, int(batch_size), seed
        self._passes = 0

    @property
    def n_neurons(self) -> int:
        """Number of neurons N of every batch."""
        return self.windows.x.shape[-1]

    def __len__(self) -> int:
        return -(-len(self.windows) // self.batch_size)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        order = np.arange(len(self.windows))
        if self.seed is not None:
            order = np.random.default_rng([self.seed, self._passes]).permutation(order)
        self._passes += 1
        return (self._batch(order[i : i + self.batch_size]) for i in range(0, len(order), self.batch_size))

    def _batch(self, rows: np.ndarray) -> dict[str, Any]:
        time_last = lambda values: np.ascontiguousarray(values[rows].transpose(0, 2, 1))  # noqa: E731
        windows = self.windows
        animals = [windows.uids[i] for i in windows.recording[rows]]
        return {
            "X": time_last(windows.x),
            "M": time_last(windows.mask),
            "Bx": time_last(windows.behavior),
            "I": windows.identity[rows],
            "meta": [
                {"uid": uid, "t_start": int(start)} for uid, start in zip(animals, windows.starts[rows], strict=True)
            ],
        }
