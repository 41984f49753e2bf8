"""Gaussian smoothing of counts along time, aware of missing entries and of edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from indl_vae.errors import ConfigError, DataError

#: The kernel ends at this many standard deviations.
TRUNCATE = 4.0


def smoothed_rates(
    x: Any,
    sigma_bins: float,
    *,
    observed: np.ndarray | None = None,
    leave_out_centre: bool = False,
    fill: np.ndarray | None = None,
) -> np.ndarray:
    """Returns the counts of each channel averaged over time with a Gaussian, in counts per bin.

    Weights are renormalised over the entries that exist: those past an edge, NaN and those not observed take no part,
    so a constant stays constant everywhere.

    Args:
        x: `(B, T, N)` counts per bin.
        sigma_bins: Standard deviation of the Gaussian in bins; 0 leaves the counts as they are.
        observed: `(B, T, N)`, 1 where `x` counts; None takes every finite entry.
        leave_out_centre: Gives the bin itself the weight 0, so that no count takes part in its own estimate.
        fill: `(N,)` value where nothing is within reach; None takes the channel's mean.

    Returns:
        `(B, T, N)` float64.

    Raises:
        DataError: If `x` has not three axes or `observed` another shape.
        ConfigError: If `sigma_bins` is negative or not finite.
    """
    values, weights = _checked(x, observed)
    if not (np.isfinite(sigma_bins) and sigma_bins >= 0):
        raise ConfigError(f"sigma_bins: expected a finite number of at least 0 (bins), got {sigma_bins!r}.")
    total, reach = _convolve(values, sigma_bins), _convolve(weights, sigma_bins)
    if leave_out_centre:
        centre = _centre_weight(sigma_bins)
        total, reach = total - centre * values, reach - centre * weights
    if fill is None:
        fill = values.sum(axis=(0, 1)) / np.maximum(weights.sum(axis=(0, 1)), 1.0)
    # Rounding leaves a trace of 1e-17 where all weights were taken away: the threshold is far above it.
    reachable = reach > 1e-9
    return np.where(reachable, total / np.where(reachable, reach, 1.0), fill)


def _checked(x: Any, observed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 3:
        raise DataError(f"x: expected counts of shape (trials, bins, channels), got shape {values.shape}.")
    weights = np.isfinite(values)
    if observed is not None:
        if np.shape(observed) != values.shape:
            raise DataError(f"observed: expected the shape of x, {values.shape}, got {np.shape(observed)}.")
        weights = weights & (np.asarray(observed) > 0)
    return np.where(weights, values, 0.0), weights.astype(np.float64)


def _convolve(values: np.ndarray, sigma_bins: float) -> np.ndarray:
    if sigma_bins == 0:
        return values
    return gaussian_filter1d(values, sigma_bins, axis=1, mode="constant", truncate=TRUNCATE)


def _centre_weight(sigma_bins: float) -> float:
    if sigma_bins == 0:
        return 1.0
    radius = int(TRUNCATE * sigma_bins + 0.5)
    return float(1.0 / np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma_bins) ** 2).sum())
