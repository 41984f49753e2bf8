"""Power spectra of trajectories: what the two scores of the frequency content and their picture share."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from indl_vae.analysis.dynamics.series import series_pair
from indl_vae.errors import ConfigError, DataError

#: A range below this share of the largest value is rounding: the dimension does not vary.
_ROUNDING = 1e-12
#: Half the width of the smoothing kernel in standard deviations.
_TRUNCATE = 4.0


def spectrum_pair(true: Any, generated: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of trajectories `(B, T, N)` whose spectra have the same frequencies.

    Raises:
        DataError: As `series_pair`, bins differ or are fewer than 4, or a true dimension does not vary.
    """
    first, second = series_pair(true, generated)
    if first.shape[1] != second.shape[1] or first.shape[1] < 4:
        raise DataError(
            f"generated: expected as many bins as `true`, and 4 or more, got {second.shape[1]} and {first.shape[1]}. "
            "Cut the longer series; spectra of different lengths have different frequencies."
        )
    still = ~varies(first).any(axis=0)
    if still.any():
        raise DataError(
            f"true: expected every dimension to vary in time, got dimension {int(np.argmax(still))} constant. Leave it "
            "out."
        )
    return first, second


def varies(series: np.ndarray) -> np.ndarray:
    """Returns which dimensions of which trajectories `(B, T, N)` change by more than rounding, `(B, N)`."""
    return np.ptp(series, axis=1) > _ROUNDING * np.abs(series).max(axis=1)


def standardise(series: np.ndarray) -> np.ndarray:
    """Returns each dimension of each trajectory with mean 0 and standard deviation 1; 0 where it does not vary."""
    moving = varies(series)[:, None]
    centred = np.where(moving, series - series.mean(axis=1, keepdims=True), 0.0)
    return centred / np.where(moving, centred.std(axis=1, keepdims=True), 1.0)


def mean_power(series: np.ndarray) -> np.ndarray:
    """Returns `|rfft|^2` over time, averaged over trajectories `(B, T, N)`, as `(T // 2 + 1, N)`."""
    return (np.abs(np.fft.rfft(series, axis=1)) ** 2).mean(axis=0)


def spectral_distribution(series: np.ndarray, smoothing: float) -> np.ndarray:
    """Returns the share of the power at each frequency, `(F, N)`, of standardised trajectories `(B, T, N)`.

    Smoothed by a Gaussian of `smoothing` frequencies (0: not at all) with reflected edges; all 0 where a dimension
    does not vary.

    Raises:
        ConfigError: If `smoothing` is below 0 or not finite.
    """
    if not 0 <= smoothing < np.inf:
        raise ConfigError(f"smoothing: expected a number of frequencies from 0 up, got {smoothing!r}.")
    power = mean_power(standardise(series))
    if smoothing > 0:
        power = gaussian_filter1d(power, smoothing, axis=0, mode="reflect", truncate=_TRUNCATE)
    power = np.clip(power, 0.0, None)
    total = power.sum(axis=0)
    return power / np.where(total > 0, total, 1.0)


def hellinger(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Returns the Hellinger distance of distributions in columns `(F, N)`, `(N,)`; 1 where one column is all 0."""
    distance = np.sqrt(np.clip(0.5 * ((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=0), 0.0, 1.0))
    return np.where((p.sum(axis=0) > 0) & (q.sum(axis=0) > 0), distance, 1.0)
