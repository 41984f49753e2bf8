"""A set whose static label is the channel that is loud and whose dynamic label is the bin in which it is."""

from __future__ import annotations

import numpy as np

N_STATIC, N_DYNAMIC, N_BINS, N_CHANNELS = 3, 4, 4, 3


def templates(floor: float = 0.1) -> np.ndarray:
    """Returns `(3, 4, 4, 3)` noiseless rates."""
    rates = np.full((N_STATIC, N_DYNAMIC, N_BINS, N_CHANNELS), floor)
    for static in range(N_STATIC):
        for dynamic in range(N_DYNAMIC):
            rates[static, dynamic, dynamic, static] = 2.0
    return rates


def labelled(rng: np.random.Generator, n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Returns static and dynamic labels, each drawn alone."""
    return rng.integers(N_STATIC, size=n), rng.integers(N_DYNAMIC, size=n)


def noisy(rng: np.random.Generator, static: np.ndarray, dynamic: np.ndarray, noise: float = 0.2) -> np.ndarray:
    """Returns sequences `(B, 4, 3)` of these labels with noise."""
    return templates()[static, dynamic] + noise * rng.normal(size=(len(static), N_BINS, N_CHANNELS))
