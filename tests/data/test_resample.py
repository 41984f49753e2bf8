"""Behaviour in bins: means, interpolation, and NaN where nothing was measured; observed intervals."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import bins_between, resample_to_bins
from indl_vae.data.observed_intervals import observed_bins
from indl_vae.errors import ConfigError, DataError

BINS = bins_between([1.0], [2.0], 0.1)


def test_fast_samples_are_averaged_bin_by_bin(rng):
    times = np.arange(0, 3, 0.001)
    values = rng.normal(size=(3000, 2))
    found = resample_to_bins(times, values, BINS, 0)
    np.testing.assert_allclose(found, values[1000:2000].reshape(10, 100, 2).mean(axis=1), atol=1e-12)


def test_means_leave_out_nan_and_a_bin_without_samples_is_nan():
    times = np.array([1.0, 1.05, 1.1, 1.15, 1.35, 1.45])
    values = np.array([[1.0], [3.0], [np.nan], [5.0], [np.nan], [7.0]])
    found = resample_to_bins(times, values, BINS, 0, "mean")[:, 0]
    np.testing.assert_array_equal(found, [2, 5, np.nan, np.nan, 7] + [np.nan] * 5)


def test_slow_samples_are_interpolated_at_the_middles_of_bins():
    times = np.arange(0, 3.01, 0.25)
    values = np.stack([2 * times + 1, times**0], axis=1)
    found = resample_to_bins(times, values, BINS, 0)
    middles = 1.05 + 0.1 * np.arange(10)
    np.testing.assert_allclose(found, np.stack([2 * middles + 1, middles**0], axis=1), atol=1e-12)


def test_interpolation_stops_at_ends_nan_and_gaps():
    times = np.array([1.25, 1.45, 1.65, 1.85])
    found = resample_to_bins(times, np.array([[0.0], [2.0], [np.nan], [4.0]]), BINS, 0, "linear")[:, 0]
    np.testing.assert_allclose(found, [np.nan, np.nan, 0, 1, 2, np.nan, np.nan, np.nan, 4, np.nan], atol=1e-9)
    times = np.array([1.05, 1.25, 1.45, 1.95])
    found = resample_to_bins(times, np.array([[0.0], [2.0], [4.0], [6.0]]), BINS, 0, "linear")[:, 0]
    np.testing.assert_allclose(found, [0, 1, 2, 3, 4] + [np.nan] * 4 + [6], atol=1e-9)


def test_no_samples_are_nan():
    assert np.isnan(resample_to_bins(np.zeros(0), np.zeros((0, 2)), BINS, 0)).all()
    one = resample_to_bins(np.array([1.35]), np.array([[5.0]]), BINS, 0)[:, 0]
    np.testing.assert_array_equal(one, [np.nan] * 3 + [5] + [np.nan] * 6)


def test_signals_that_are_none():
    with pytest.raises(ConfigError, match="method: 'cubic', expected one of auto, mean, linear"):
        resample_to_bins(np.zeros(1), np.zeros((1, 1)), BINS, 0, "cubic")
    with pytest.raises(DataError, match=r"times \(2,\) and values \(3, 1\)"):
        resample_to_bins(np.zeros(2), np.zeros((3, 1)), BINS, 0)
    for times in ([1.0, 0.5], [1.0, np.nan]):
        with pytest.raises(DataError, match="times are not finite or do not ascend"):
            resample_to_bins(np.array(times), np.zeros((2, 1)), BINS, 0)


def test_observed_bins_lie_wholly_within_intervals():
    def observed(*intervals):
        return observed_bins(np.array(intervals), BINS, 0).astype(int).tolist()

    assert observed((0, 5)) == [1] * 10
    assert observed((1.2, 1.5)) == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]
    assert observed((1.21, 1.49)) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert observed((1.25, 1.45), (1.05, 1.25)) == [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]  # they touch: one interval
    assert observed((1.25, 1.45), (1.05, 1.24)) == [0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    assert observed((0, 0.9), (2, 3)) == [0] * 10
    assert observed((0, 1.1), (1.9, 7)) == [1] + [0] * 8 + [1]
