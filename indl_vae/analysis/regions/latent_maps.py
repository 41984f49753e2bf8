"""Linear maps from the latents that a model found to true ones, region by region."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.ridge import r2_per_column, ridge_path
from indl_vae.errors import DataError

#: Penalty in units of the latents' variance: enough against latents that are alike.
_ALPHA = 1e-6


class LatentMap(NamedTuple):
    """`true = found @ weights + bias` of a region.

    Attributes:
        weights: `(d, L)`.
        bias: `(L,)`.
    """

    weights: np.ndarray
    bias: np.ndarray

    def __call__(self, found: np.ndarray) -> np.ndarray:
        """Returns true latents `(..., L)` of found ones `(..., d)`."""
        return found @ self.weights + self.bias


def fit_latent_maps(found: Any, true: Any, n_regions: int) -> list[LatentMap]:
    """Returns the map of each region, by least squares over all bins.

    Args:
        found: `(B, T, R * d)`: latents of a model; fit the maps on other trials than those that are scored.
        true: `(B, T, R * L)`: true latents; bins with a NaN play no part.
        n_regions: Number of regions R.

    Raises:
        DataError: The widths do not divide by R, or trials or bins differ.
    """
    pairs = zip(*(_split(values, n_regions, name) for values, name in ((found, "found"), (true, "true"))), strict=True)
    fits = [ridge_path(own, other, (_ALPHA,))[0] for own, other in pairs]
    return [LatentMap(fit.weights, fit.bias) for fit in fits]


def latent_r2(found: Any, true: Any, maps: list[LatentMap]) -> np.ndarray:
    """Returns `(R, L)`: R2 of each true latent over all bins of all trials, after the maps of `fit_latent_maps`."""
    parts = zip(*(_split(values, len(maps), name) for values, name in ((found, "found"), (true, "true"))), strict=True)
    scores = [
        r2_per_column(other.reshape(-1, other.shape[-1]), to_true(own).reshape(-1, other.shape[-1]))
        for (own, other), to_true in zip(parts, maps, strict=True)
    ]
    return np.stack(scores)


def _split(values: Any, n_regions: int, name: str) -> list[np.ndarray]:
    array = np.asarray(values, np.float64)
    if array.ndim != 3 or array.shape[-1] % n_regions:
        raise DataError(
            f"{name}: expected (trials, bins, latents) with latents of {n_regions} regions, got shape {array.shape}."
        )
    return np.split(array, n_regions, axis=-1)
