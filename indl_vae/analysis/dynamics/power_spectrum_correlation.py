"""The correlation of logarithmic power spectra, as of 2022; `power_spectrum_distance` is the figure to prefer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.ndimage import convolve1d

from indl_vae.analysis.dynamics.power_spectra import mean_power, spectrum_pair, standardise, varies
from indl_vae.analysis.dynamics.series import check_counts

#: Half the width of the smoothing kernel in standard deviations.
_REACH = 5
#: Smoothing where none is given: raw series, standardised series.
_SMOOTHING = (10, 20)


def power_spectrum_correlation(
    true: Any,
    generated: Any,
    smoothing: int | None = None,
    zscore: bool = False,
    absolute: bool | None = None,
    max_frequencies: int = 20_000,
) -> float:
    """Returns PSC: Pearson's r of smoothed power spectra in decibels, averaged over dimensions; 1 is best.

    The last bin of an odd number is dropped; `20 log10(2 |rfft|)` is smoothed by a Gaussian with zeros beyond the
    edges; r is taken over the first frequencies. Brenner et al., ICML 2022 (arXiv:2207.02542), who compute it in two
    ways: for models trained by variational inference on raw series with smoothing 10, for those trained by teacher
    forcing on standardised series with smoothing 20, and there |r|. Most spectra fall with frequency, so that r is
    high between series that have little in common.

    Args:
        true: `(T, N)` or `(B, T, N)`; the power of several trajectories is averaged.
        generated: The same of the model, of as many bins; the number of trajectories may differ.
        smoothing: Standard deviation of the Gaussian in frequencies, an integer; None: 10, or 20 with `zscore`.
        zscore: Whether each trajectory is standardised first.
        absolute: Whether |r| counts; None: with `zscore`.
        max_frequencies: The first so many frequencies are compared.

    Returns:
        From -1 (0 with `absolute`) to 1. A generated dimension that does not vary counts as 0; NaN where a generated
        value is not finite.

    Raises:
        ConfigError: If an argument is out of its range.
        DataError: If shapes do not fit, the true data are not finite, or one of their dimensions does not vary.
    """
    smoothing = _SMOOTHING[zscore] if smoothing is None else smoothing
    check_counts(smoothing=smoothing)
    check_counts(2, max_frequencies=max_frequencies)
    first, second = spectrum_pair(true, generated)
    if not np.isfinite(second).all():
        return math.nan
    spectra = (_decibels(series, smoothing, zscore)[:max_frequencies] for series in (first, second))
    scores = np.where(varies(second).any(axis=0), _pearson(*spectra), 0.0)
    return float(np.mean(np.abs(scores) if (zscore if absolute is None else absolute) else scores))


def _decibels(series: np.ndarray, smoothing: int, zscore: bool) -> np.ndarray:
    """Returns the smoothed spectrum `(F, N)` of the mean power of trajectories `(B, T, N)`."""
    even = series[:, : series.shape[1] // 2 * 2]
    power = mean_power(standardise(even) if zscore else even)
    # Amplitudes below the rounding of the largest, such as that at frequency 0 of a standardised series, have no
    # logarithm to speak of.
    floor = (np.finfo(np.float64).eps ** 2) * power.max(axis=0)
    decibels = 10.0 * np.log10(4.0 * np.maximum(power, np.maximum(floor, np.finfo(np.float64).tiny)))
    offsets = np.arange(-_REACH * smoothing, _REACH * smoothing + 1)
    kernel = np.exp(-0.5 * (offsets / smoothing) ** 2)
    return convolve1d(decibels, kernel / kernel.sum(), axis=0, mode="constant", cval=0.0)


def _pearson(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns r of each column, 0 where one does not vary."""
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    size = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    return np.where(size > 0, (first * second).sum(axis=0) / np.where(size > 0, size, 1.0), 0.0)
