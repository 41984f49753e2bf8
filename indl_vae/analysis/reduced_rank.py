"""Reduced-rank regression: what one population tells of another through few dimensions. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from indl_vae.analysis.ridge import ridge_path
from indl_vae.errors import ConfigError


class ReducedRank(NamedTuple):
    """A fitted map `features @ weights + bias` whose weights have rank `rank`, from ridge regression with `alpha`."""

    rank: int
    alpha: float
    weights: np.ndarray
    bias: np.ndarray

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Returns the prediction, `(..., C)` for features `(..., D)`."""
        return features @ self.weights + self.bias


def reduced_rank_regression(
    features: np.ndarray, targets: np.ndarray, ranks: Sequence[int], alphas: Sequence[float] = (0.0,)
) -> list[ReducedRank]:
    """Fits reduced-rank regression for every penalty and rank (Izenman 1975; Semedo et al. 2019).

    The weights are those of ridge regression, projected on the principal components of what it predicts.

    Args:
        features: `(..., D)`; rows in which a feature or a target is not finite are left out.
        targets: `(..., C)` with the same leading axes.
        ranks: Ranks, from 1; those above C are as C.
        alphas: Penalties of `ridge_path`.

    Raises:
        ConfigError: A rank is below 1.
    """
    if min(ranks) < 1:
        raise ConfigError(f"ranks: expected numbers from 1, got {min(ranks)}.")
    rows = features.reshape(-1, features.shape[-1])
    rows = rows[np.isfinite(rows).all(1) & np.isfinite(targets.reshape(len(rows), -1)).all(1)]
    fits = []
    for ridge in ridge_path(features, targets, alphas):
        told = rows @ ridge.weights
        center = told.mean(0)
        _, axes = np.linalg.eigh((told - center).T @ (told - center))
        for rank in ranks:
            kept = axes[:, ::-1][:, :rank]
            project = kept @ kept.T
            bias = ridge.bias + center - center @ project
            fits.append(ReducedRank(int(rank), ridge.alpha, ridge.weights @ project, bias))
    return fits
