"""How far the invariant measure of a generated attractor is from the true one: KL divergence of binned state spaces."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from indl_vae.analysis.dynamics.series import as_points, check_counts, series_pair
from indl_vae.errors import ConfigError, DataError

#: Added to the count of every cell, so that no probability is 0.
SMOOTHING = 1e-5
#: More cells than this cannot be filled by any series at hand, and the smoothing alone would be measured.
MAX_CELLS = 50_000_000
#: Standard deviations from 0 that the legacy range reaches; from the extremes that the full range adds.
_LEGACY_REACH, _FULL_MARGIN = 2.0, 0.1
#: With fewer of the true points than this within the legacy range, the data are not standardised.
_LEAST_SHARE = 0.5


def state_space_divergence(
    true: Any,
    generated: Any,
    n_bins: int = 30,
    extent: Literal["legacy", "full"] = "legacy",
    drop_first_bin: bool | None = None,
) -> float:
    """Returns D_stsp, also called KLx: `KL(p_true || p_generated)` in nats over cells of the state space.

    Each dimension is cut into `n_bins`; a cell with h points has `p = (h + 1e-5) / (sum h + 1e-5 n_bins^D)`. Points out
    of the range count for nothing. Koppe et al. 2019 (arXiv:1902.07186), Brenner et al., ICML 2022 (arXiv:2207.02542).
    Figures of the two ranges do not compare. Only occupied cells are held in memory.

    Args:
        true: `(T, D)` or `(B, T, D)`; trajectories are pooled.
        generated: The same of the model: long free runs, without their transients. The number of points may differ.
        n_bins: Bins a dimension.
        extent: "legacy": 2 standard deviations (ddof 1) of the true data on both sides of 0, for standardised data, as
            in 2022; "full": from 0.1 standard deviations below the least to as much above the largest true value.
        drop_first_bin: Whether the lowest bin of each dimension is thrown away. None: with "legacy", whose published
            figures are computed so, and not with "full".

    Returns:
        The divergence; NaN where no generated point lies in the range, or where one is not finite.

    Raises:
        ConfigError: If an argument is out of its range, or there are more than 50 million cells.
        DataError: If shapes do not fit, the true data are not finite, do not vary, or lie mostly out of the legacy
            range.
    """
    first, second = series_pair(true, generated)
    points, others = as_points(first), as_points(second)
    _check_cells(n_bins, points.shape[1])
    low, high = _range(points, extent)
    least = int(extent == "legacy" if drop_first_bin is None else drop_first_bin)
    if not np.isfinite(others).all():
        return math.nan
    cells, other_cells = (_cells(rows, low, high, n_bins, least) for rows in (points, others))
    _check_share(len(cells) / len(points), extent)
    return _divergence(cells, other_cells, float(n_bins) ** points.shape[1]) if len(other_cells) else math.nan


def _check_cells(n_bins: int, n_dimensions: int) -> None:
    check_counts(2, n_bins=n_bins)
    if float(n_bins) ** n_dimensions > MAX_CELLS:
        raise ConfigError(
            f"n_bins: {n_bins} bins in each of {n_dimensions} dimensions are {float(n_bins) ** n_dimensions:.3g} "
            f"cells, expected at most {MAX_CELLS:,}. Use state_space_divergence_gmm, which has no cells, or fewer bins."
        )


def _range(points: np.ndarray, extent: str) -> tuple[np.ndarray, np.ndarray]:
    if extent not in ("legacy", "full"):
        raise ConfigError(f"extent: expected 'legacy' or 'full', got {extent!r}.")
    std = points.std(axis=0, ddof=1) if len(points) > 1 else np.zeros(points.shape[1])
    if not (std > 0).all():
        raise DataError(
            f"true: expected every dimension to vary, got one value in dimension {int(np.argmin(std))}. Leave it out."
        )
    if extent == "legacy":
        return -_LEGACY_REACH * std, _LEGACY_REACH * std
    return points.min(axis=0) - _FULL_MARGIN * std, points.max(axis=0) + _FULL_MARGIN * std


def _cells(points: np.ndarray, low: np.ndarray, high: np.ndarray, n_bins: int, least: int) -> np.ndarray:
    """Returns the number of the cell of each point that lies in the range."""
    place = np.floor(n_bins * ((points - low) / (high - low)))
    inside = ((place >= least) & (place < n_bins)).all(axis=1)
    columns = place[inside].astype(np.int64).T
    return np.ravel_multi_index(tuple(columns), (n_bins,) * points.shape[1])


def _check_share(share: float, extent: str) -> None:
    if extent == "legacy" and share < _LEAST_SHARE:
        raise DataError(
            f"true: expected standardised data, most of them within 2 standard deviations of 0, got {100 * share:.0f} "
            "% of the points there. Standardise both series by mean and standard deviation of the true one, or take "
            "extent='full'."
        )


def _divergence(cells: np.ndarray, others: np.ndarray, n_cells: float) -> float:
    occupied, number = np.unique(np.concatenate([cells, others]), return_inverse=True)
    counts = (np.bincount(part, minlength=len(occupied)) for part in np.split(number.ravel(), [len(cells)]))
    p, q = (np.append(count + SMOOTHING, SMOOTHING) / (count.sum() + SMOOTHING * n_cells) for count in counts)
    terms = p * np.log(p / q)
    # The last entry stands for every cell that neither series visits.
    return float(terms[:-1].sum() + (n_cells - len(occupied)) * terms[-1])
