"""Which latents a model uses. NumPy only."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.errors import DataError

#: Variance of a latent's mean over data above which it counts as used (Burda et al. 2016).
THRESHOLD = 0.01


def active_units(loc: Any, threshold: float = THRESHOLD) -> np.ndarray:
    """Returns `(L,)` bool: latents whose posterior mean varies over the data.

    Args:
        loc: `(..., L)`: means of the latents; rows with a value that is not finite are left out.
        threshold: Variance above which a latent is active. The prior's is 1.

    Raises:
        DataError: There are no axes for data and latents, or no rows.
    """
    return latent_variance(loc) > threshold


def latent_variance(loc: Any) -> np.ndarray:
    """Returns `(L,)`: the variance of each latent's posterior mean over the data; arguments as `active_units`."""
    rows = _rows("loc", loc)
    return rows.var(0)


def kl_per_latent(loc: Any, scale: Any) -> np.ndarray:
    """Returns `(L,)`: mean divergence of each latent from N(0, 1), in nats a row.

    Args:
        loc: `(..., L)`: means.
        scale: The same shape: deviations, above 0.

    Raises:
        DataError: Shapes differ, there are no rows, or a deviation is not above 0.
    """
    mean, deviation = np.asarray(loc, np.float64), np.asarray(scale, np.float64)
    if mean.shape != deviation.shape:
        raise DataError(f"loc, scale: expected one shape, got {mean.shape} and {deviation.shape}.")
    if (deviation <= 0).any():
        raise DataError(
            f"scale: expected deviations above 0, got {np.nanmin(deviation):g}; these are not variances' logs?"
        )
    return _rows("loc, scale", 0.5 * (mean**2 + deviation**2 - 1.0) - np.log(deviation)).mean(0)


def _rows(name: str, values: Any) -> np.ndarray:
    values = np.asarray(values, np.float64)
    rows = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else np.zeros((0, 1))
    rows = rows[np.isfinite(rows).all(1)]
    if not len(rows):
        raise DataError(f"{name}: expected an array (..., latents) with a row of finite numbers, got {values.shape}.")
    return rows
