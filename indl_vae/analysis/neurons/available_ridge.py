"""Ridge regression on whichever predictors are there. NumPy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from indl_vae.analysis.neurons.features import Features

#: Windows that are summed at once.
_CHUNK = 32


class AvailableRidge(NamedTuple):
    """Means and covariances from entries that are seen, which tell the ridge regression on any of the predictors.

    Where all are seen it is `ridge_path`. Animals have different neurons; a regression on those of one animal uses
    covariances from all animals in which two neurons were recorded together, and needs no filling in.

    Attributes:
        mean: `(F,)`.
        covariance: `(F, F)`; 0 for two that were never seen together.
        target_mean: `(C,)`.
        cross: `(F, C)`: covariances with the targets.
    """

    mean: np.ndarray
    covariance: np.ndarray
    target_mean: np.ndarray
    cross: np.ndarray

    @classmethod
    def fit(cls, features: Features, values: np.ndarray, seen: np.ndarray) -> AvailableRidge:
        """Fits it.

        Args:
            features: Predictors, `(B, T, F)`.
            values: Targets, `(B, T, C)`.
            seen: `(B, T, C)` bool.
        """
        mean, target_mean = _mean(features.values, features.seen), _mean(values, seen)
        n, width = features.values.shape[2], features.values.shape[2] + values.shape[2]
        sums, counts = np.zeros((n, width)), np.zeros((n, width))
        for first in range(0, len(values), _CHUNK):
            rows = slice(first, first + _CHUNK)
            here = np.concatenate([features.seen[rows], seen[rows]], -1).reshape(-1, width)
            both = np.concatenate([features.values[rows] - mean, values[rows] - target_mean], -1).reshape(-1, width)
            both = np.where(here, both, 0.0)
            sums += both[:, :n].T @ both
            counts += here[:, :n].T.astype(np.float32) @ here.astype(np.float32)
        covariance = sums / np.maximum(counts, 1.0)
        return cls(mean, covariance[:, :n], target_mean, covariance[:, n:])

    def predict(
        self, features: Features, kept: np.ndarray, targets: np.ndarray, alphas: Sequence[float]
    ) -> Iterator[np.ndarray]:
        """Yields predictions `(B, T, len(targets))` for each penalty, which is as in `ridge_path`.

        Args:
            features: Predictors; of those kept, an entry that is not seen is taken at its mean.
            kept: `(F,)` bool: which are used.
            targets: Places of the targets among C.
            alphas: Penalties.
        """
        used = np.flatnonzero(kept)
        centred = np.where(features.seen[..., used], features.values[..., used] - self.mean[used], 0.0)
        values, axes = (
            np.linalg.eigh(self.covariance[np.ix_(used, used)]) if len(used) else (np.zeros(0), np.zeros((0, 0)))
        )
        # pairs of entries may make directions of negative variance, which no data have
        values, size = np.maximum(values, 0.0), max(float(values.mean()), 1e-300) if len(used) else 1.0
        projected, turned = axes.T @ self.cross[np.ix_(used, targets)], centred @ axes
        for alpha in alphas:
            damped = values + alpha * size
            inverse = np.where(damped > 1e-12 * size, 1.0 / np.maximum(damped, 1e-12 * size), 0.0)
            yield self.target_mean[targets] + turned @ (inverse[:, None] * projected)


def _mean(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return np.where(seen, values, 0.0).sum((0, 1), dtype=np.float64) / np.maximum(seen.sum((0, 1)), 1)
