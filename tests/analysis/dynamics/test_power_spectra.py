"""Scores of power spectra, against Fourier sums and convolutions written as loops."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.dynamics import power_spectrum_correlation, power_spectrum_distance
from indl_vae.errors import ConfigError, DataError
from tests.analysis.dynamics.maps import lorenz_series


def power_by_sums(trials):
    """`|sum_t x_t exp(-2 pi i f t / T)|^2` for f = 0 ... T // 2, averaged over trials `(B, T)`."""
    n_bins = trials.shape[1]
    total = np.zeros(n_bins // 2 + 1)
    for x in trials:
        for f in range(len(total)):
            total[f] += abs(sum(x[t] * cmath.exp(-2j * math.pi * f * t / n_bins) for t in range(n_bins))) ** 2
    return total / len(trials)


def standardised(trials):
    return np.array([(x - x.mean()) / x.std() for x in trials])


def reflected(index, n):
    """d c b a | a b c d | d c b a"""
    index %= 2 * n
    return index if index < n else 2 * n - 1 - index


def distance_by_loops(true, generated, sigma):
    distances = []
    for d in range(true.shape[2]):
        shares = []
        for trials in (true[..., d], generated[..., d]):
            power = power_by_sums(standardised(trials))
            n, radius = len(power), int(4 * sigma + 0.5)
            weights = {o: math.exp(-0.5 * (o / sigma) ** 2) for o in range(-radius, radius + 1)}
            smooth = [sum(w * power[reflected(f + o, n)] for o, w in weights.items()) for f in range(n)]
            shares.append(np.maximum(smooth, 0) / np.sum(np.maximum(smooth, 0)))
        distances.append(math.sqrt(0.5 * sum((math.sqrt(p) - math.sqrt(q)) ** 2 for p, q in zip(*shares, strict=True))))
    return np.mean(distances)


def correlation_by_loops(true, generated, s, zscore, n_frequencies):
    scores = []
    for d in range(true.shape[2]):
        spectra = []
        for trials in (true[..., d], generated[..., d]):
            even = trials[:, : trials.shape[1] - trials.shape[1] % 2]
            power = power_by_sums(standardised(even) if zscore else even)
            power = np.maximum(power, power.max() * np.finfo(float).eps ** 2)
            decibels = [20 * math.log10(2 * math.sqrt(p)) for p in power]
            weights = {o: math.exp(-0.5 * (o / s) ** 2) for o in range(-5 * s, 5 * s + 1)}
            n, norm = len(decibels), sum(weights.values())
            spectra.append(
                [sum(w * decibels[f - o] for o, w in weights.items() if 0 <= f - o < n) / norm for f in range(n)]
            )
        scores.append(np.corrcoef(*(spectrum[:n_frequencies] for spectrum in spectra))[0, 1])
    return np.mean(np.abs(scores) if zscore else scores)


SHAPES = (st.integers(1, 3), st.integers(1, 2), st.integers(9, 24), st.integers(1, 3), st.integers(0, 2**31))


def pair(trials, others, bins, dims, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(trials, bins, dims)) + 2, np.cumsum(rng.normal(size=(others, bins, dims)), axis=1)


@settings(max_examples=25, deadline=None)
@given(*SHAPES, st.floats(0.3, 6))
def test_the_distance_is_that_of_loops(trials, others, bins, dims, seed, sigma):
    true, generated = pair(trials, others, bins, dims, seed)
    found = power_spectrum_distance(true, generated, sigma)
    np.testing.assert_allclose(found, distance_by_loops(true, generated, sigma), rtol=1e-7)


@settings(max_examples=25, deadline=None)
@given(*SHAPES, st.integers(1, 4), st.integers(4, 13))
def test_the_correlation_of_raw_series_is_that_of_loops(trials, others, bins, dims, seed, s, n_frequencies):
    true, generated = pair(trials, others, bins, dims, seed)
    found = power_spectrum_correlation(true, generated, s, max_frequencies=n_frequencies)
    np.testing.assert_allclose(
        found, correlation_by_loops(true, generated, s, False, n_frequencies), rtol=1e-7, atol=1e-9
    )


def test_the_correlation_of_standardised_series_is_that_of_loops(rng):
    """Looser: at frequency 0 both have the logarithm of a rounding error, near the floor."""
    true, generated = pair(2, 1, 61, 3, 5)
    found = power_spectrum_correlation(true, generated, 2, zscore=True)
    np.testing.assert_allclose(found, correlation_by_loops(true, generated, 2, True, 99), atol=0.1)
    assert found >= 0
    signed = power_spectrum_correlation(true[..., :1], -true[..., :1], 2, zscore=True, absolute=False)
    assert signed == pytest.approx(1.0)


def test_negative_correlations_lose_their_sign_only_where_asked(rng):
    low = np.cumsum(rng.normal(size=(400, 1)), axis=0)
    high = rng.normal(size=(400, 1)) * (-1.0) ** np.arange(400)[:, None]
    high = np.diff(np.diff(rng.normal(size=(402, 1)), axis=0), axis=0)
    raw = power_spectrum_correlation(low, high, 3, max_frequencies=150)
    assert raw < -0.3
    assert power_spectrum_correlation(low, high, 3, absolute=True, max_frequencies=150) == -raw


def test_smoothing_is_10_of_raw_and_20_of_standardised_series(rng):
    true, generated = rng.normal(size=(2, 300, 2))
    assert power_spectrum_correlation(true, generated) == power_spectrum_correlation(true, generated, 10)
    z = power_spectrum_correlation(true, generated, zscore=True)
    assert z == power_spectrum_correlation(true, generated, 20, zscore=True, absolute=True)
    assert z != power_spectrum_correlation(true, generated, 10, zscore=True)


def test_equal_spectra_and_those_without_a_common_frequency(rng):
    t = np.arange(256)[:, None]
    slow, fast = np.sin(2 * np.pi * 8 * t / 256), np.cos(2 * np.pi * 100 * t / 256)
    assert power_spectrum_distance(slow, 3 * np.cos(2 * np.pi * 8 * t / 256) + 7, 0) == pytest.approx(0, abs=1e-6)
    assert power_spectrum_distance(slow, fast, 0) == pytest.approx(1, abs=1e-6)
    assert power_spectrum_distance(slow, fast, 5) == pytest.approx(1, abs=1e-3)
    assert power_spectrum_distance(np.hstack([slow, fast]), np.hstack([slow, slow]), 0) == pytest.approx(0.5, abs=1e-6)
    assert power_spectrum_correlation(slow, slow) == pytest.approx(1)


def test_lorenz_floor_and_nothing_learned(rng):
    first, second = lorenz_series(2, 10_000, seed=3)
    assert power_spectrum_distance(first, second) < 0.12
    assert power_spectrum_correlation(first, second) > 0.97
    noise = rng.normal(size=first.shape)
    assert power_spectrum_distance(first, noise) > 0.8
    assert abs(power_spectrum_correlation(first, noise)) < 0.3


def test_a_run_at_a_fixed_point_has_no_spectrum(rng):
    true = rng.normal(size=(60, 2))
    still = true * [1.0, 0.0] + [0.0, 5.0]
    assert power_spectrum_distance(true, still, 2) == pytest.approx(0.5)
    assert power_spectrum_correlation(true, still, 2) == pytest.approx(0.5)
    assert power_spectrum_correlation(true, still * 0 + 3.1, 2, zscore=True) == 0.0
    broken = np.where(np.arange(60)[:, None] > 50, np.nan, true)
    assert math.isnan(power_spectrum_distance(true, broken)) and math.isnan(power_spectrum_correlation(true, broken))


def test_bad_arguments_are_refused(rng):
    x = rng.normal(size=(30, 2))
    with pytest.raises(DataError, match="generated: expected as many bins as `true`, and 4 or more, got 20 and 30"):
        power_spectrum_distance(x, x[:20])
    with pytest.raises(DataError, match="and 4 or more, got 3 and 3"):
        power_spectrum_correlation(x[:3], x[:3])
    with pytest.raises(DataError, match="true: expected every dimension to vary in time, got dimension 1 constant"):
        power_spectrum_distance(x * [1, 0] + [0, 0.1], x)
    with pytest.raises(DataError, match="true: expected finite numbers"):
        power_spectrum_distance(x * np.nan, x)
    with pytest.raises(DataError, match="generated: expected the 2 dimensions of `true`"):
        power_spectrum_correlation(x, x[:, :1])
    with pytest.raises(ConfigError, match="smoothing: expected a number of frequencies from 0 up, got -1"):
        power_spectrum_distance(x, x, -1)
    with pytest.raises(ConfigError, match="smoothing: expected an integer of at least 1, got 0"):
        power_spectrum_correlation(x, x, 0)
    with pytest.raises(ConfigError, match="max_frequencies: expected an integer of at least 2, got 1"):
        power_spectrum_correlation(x, x, max_frequencies=1)
