"""A mixture of equally weighted Gaussians, one on each point of a series, and the KL divergence of two of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

#: Entries of the largest array held at once (16 MB).
_CHUNK = 2_000_000


class GaussianMixture(NamedTuple):
    """Gaussians with diagonal covariances.

    Attributes:
        means: `(P, D)`.
        scales: Standard deviations: a number for all, or `(P, D)`.
    """

    means: np.ndarray
    scales: float | np.ndarray

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Returns the logarithm of the density at points `(S, D)`, `(S,)`, the constant -D/2 log(2 pi) left out.

        A log-sum-exp: far from all means the density is small, never 0.
        """
        size = max(1, _CHUNK // len(self.means))
        chunks = (points[start : start + size] for start in range(0, len(points), size))
        return np.concatenate([logsumexp(self._exponents(chunk), axis=1) for chunk in chunks]) - math.log(
            len(self.means)
        )

    def sample(self, rng: np.random.Generator, n_samples: int) -> np.ndarray:
        """Returns samples `(S, D)`: a component uniformly with replacement, then its noise."""
        picked = rng.integers(len(self.means), size=n_samples)
        scales = np.broadcast_to(self.scales, self.means.shape)[picked]
        return self.means[picked] + scales * rng.normal(size=(n_samples, self.means.shape[1]))

    def _exponents(self, points: np.ndarray) -> np.ndarray:
        """Returns log densities `(S, P)` of each component."""
        if np.ndim(self.scales) == 0:
            square = cdist(points, self.means, "sqeuclidean") / self.scales**2
            return -0.5 * square - self.means.shape[1] * math.log(self.scales)
        square = np.zeros((len(points), len(self.means)))
        for column, mean, scale in zip(points.T, self.means.T, self.scales.T, strict=True):
            square += ((column[:, None] - mean) / scale) ** 2
        return -0.5 * square - np.log(self.scales).sum(axis=1)


def sampled_divergence(p: GaussianMixture, q: GaussianMixture, rng: np.random.Generator, n_samples: int) -> float:
    """Returns the Monte-Carlo estimate of `KL(p || q)` in nats, the mean of `log p(y) - log q(y)` over y from p."""
    points = p.sample(rng, n_samples)
    return float(np.mean(p.log_density(points) - q.log_density(points)))
