"""Signals of another rate brought to the bins of the trials."""

from __future__ import annotations

import numpy as np

from indl_vae.data.trial_bins import EDGE, TrialBins
from indl_vae.errors import ConfigError, DataError

METHODS = ("auto", "mean", "linear")
#: Samples further apart than this, in typical intervals, have a gap between them that is not interpolated.
_GAP = 1.5


def resample_to_bins(
    times: np.ndarray,
    values: np.ndarray,
    bins: TrialBins,
    trial: int,
    method: str = "auto",
    interval: float | None = None,
) -> np.ndarray:
    """Returns a signal in the bins of one trial.

    "mean" averages the samples of each bin, NaN ones left out; a bin without any is NaN. "linear" interpolates at the
    middle of each bin between the two samples around it; it is NaN outside of the samples, beside a NaN sample, and in
    gaps of more than 1.5 typical intervals, except at a sample. "auto" takes the mean where samples are no further
    apart than bins are wide, else the interpolation.

    Args:
        times: Times of the samples in seconds, ascending, `(n,)`.
        values: The samples, `(n, C)`.
        bins: The bins of all trials.
        trial: Number of the trial.
        method: "auto", "mean" or "linear".
        interval: Typical time between samples in seconds; None takes the median of `times`.

    Returns:
        `(T_i, C)` float64, NaN where not measured.

    Raises:
        ConfigError: The method is unknown.
        DataError: Times and samples do not fit together, or times do not ascend.
    """
    if method not in METHODS:
        raise ConfigError(f"method: {method!r}, expected one of {', '.join(METHODS)}.")
    times = np.asarray(times, np.float64)
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or times.shape != values.shape[:1]:
        raise DataError(f"behavior: times {times.shape} and values {values.shape}, expected (n,) and (n, C).")
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise DataError("behavior: times are not finite or do not ascend; correct or sort them.")
    n_bins = int(bins.n_bins[trial])
    if not len(times):
        return np.full((n_bins, values.shape[1]), np.nan)
    if interval is None:
        interval = float(np.median(np.diff(times))) if len(times) > 1 else np.inf
    if method == "mean" or (method == "auto" and interval <= bins.width * (1 + 1e-6)):
        return _means(bins.bins_of(times, trial), values, n_bins)
    middles = bins.starts[trial] + (np.arange(n_bins) + 0.5) * bins.width
    return _interpolated(times, values, middles, interval, EDGE * bins.width)


def _means(places: np.ndarray, values: np.ndarray, n_bins: int) -> np.ndarray:
    inside = (places >= 0) & (places < n_bins)
    places, values = places[inside], values[inside]
    finite = np.isfinite(values)
    result = np.full((n_bins, values.shape[1]), np.nan)
    for channel in range(values.shape[1]):
        seen = finite[:, channel]
        counts = np.bincount(places[seen], minlength=n_bins)
        sums = np.bincount(places[seen], values[seen, channel], minlength=n_bins)
        np.divide(sums, counts, out=result[:, channel], where=counts > 0)
    return result


def _interpolated(times: np.ndarray, values: np.ndarray, at: np.ndarray, interval: float, slack: float) -> np.ndarray:
    left = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 1)
    right = np.minimum(left + 1, len(times) - 1)
    span = times[right] - times[left]
    share = np.divide(at - times[left], span, out=np.zeros(len(at)), where=span > 0)[:, None]
    between = values[left] + share * (values[right] - values[left])
    outside = (at < times[0]) | (at > times[-1]) | (span > _GAP * interval)
    result = np.where(outside[:, None], np.nan, between)
    for side in (left, right):  # at a sample, whatever is beside it, and whichever way its time was rounded
        hit = np.abs(at - times[side]) <= slack
        result[hit] = values[side[hit]]
    return result
