"""Divergences in state and latent space, against dense arrays filled by loops and against closed forms."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.dynamics import latent_divergence, state_space_divergence, state_space_divergence_gmm
from indl_vae.analysis.dynamics.gaussian_mixture import GaussianMixture
from indl_vae.errors import ConfigError, DataError
from tests.analysis.dynamics.maps import lorenz_series


def by_dense_arrays(true, generated, n_bins, extent, drop):
    """Every cell of the state space in one array, counted point by point."""
    std, dims = true.std(axis=0, ddof=1), true.shape[1]
    low, high = (-2 * std, 2 * std) if extent == "legacy" else (true.min(0) - 0.1 * std, true.max(0) + 0.1 * std)
    counts = []
    for points in (true, generated):
        h = np.zeros((n_bins,) * dims)
        for point in points:
            cell = tuple(math.floor(n_bins * (point[d] - low[d]) / (high[d] - low[d])) for d in range(dims))
            if all((1 if drop else 0) <= c < n_bins for c in cell):
                h[cell] += 1
        counts.append(h)
    if counts[1].sum() == 0:
        return math.nan
    total = 0.0
    for cell in product(range(n_bins), repeat=dims):
        p, q = ((h[cell] + 1e-5) / (h.sum() + 1e-5 * n_bins**dims) for h in counts)
        total += p * math.log(p / q)
    return total


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(2, 6),
    st.integers(5, 40),
    st.integers(1, 40),
    st.sampled_from(["legacy", "full"]),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_the_divergence_is_that_of_dense_arrays(dims, n_bins, n_true, n_generated, extent, drop, seed):
    rng = np.random.default_rng(seed)
    true = rng.uniform(-1.8, 1.8, size=(n_true, dims))
    generated = rng.normal(size=(n_generated, dims)) * 1.5 + 0.2
    std = true.std(axis=0, ddof=1)
    lowest = -2 * std + drop * 4 * std / n_bins
    if extent == "legacy" and ((true >= lowest) & (true < 2 * std)).all(axis=1).mean() < 0.5:
        with pytest.raises(DataError, match="true: expected standardised data"):
            state_space_divergence(true, generated, n_bins, extent, drop)
        return
    found = state_space_divergence(true, generated, n_bins, extent, drop)
    np.testing.assert_allclose(found, by_dense_arrays(true, generated, n_bins, extent, drop), rtol=1e-9, atol=1e-12)


def test_the_first_bin_is_dropped_by_default_in_the_legacy_range_alone(rng):
    true, generated = rng.normal(size=(2, 400, 2))
    legacy = {drop: state_space_divergence(true, generated, 5, drop_first_bin=drop) for drop in (None, True, False)}
    assert legacy[None] == legacy[True] != legacy[False]
    full = {
        drop: state_space_divergence(true, generated, 5, "full", drop_first_bin=drop) for drop in (None, True, False)
    }
    assert full[None] == full[False] != full[True]


def test_trajectories_are_pooled(rng):
    true, generated = rng.normal(size=(2, 6, 50, 2))
    pooled = state_space_divergence(true.reshape(-1, 2), generated.reshape(-1, 2), 6)
    assert state_space_divergence(true, generated, 6) == pooled > 0.1
    assert state_space_divergence(true, true, 6) == 0.0


def test_lorenz_floor_and_nothing_learned(rng):
    """The floors of docs/dynamics.md on 100,000 points; orbits differ between processors, so the bounds are wide."""
    first, second = lorenz_series(50, 2000, seed=1), lorenz_series(50, 2000, seed=2)
    floors = [state_space_divergence(first, second, extent=extent) for extent in ("legacy", "full")]
    assert 0.03 < floors[0] < 0.8 and 0.02 < floors[1] < 0.8
    noise = rng.normal(size=first.shape)
    assert 3.5 < state_space_divergence(first, noise) < 4.5
    assert 0.4 < state_space_divergence(first, second + 0.1 * noise) < 1.2


def test_many_cells_need_no_memory(rng):
    """30^5 cells are 194 MB as an array of doubles; the points that are there are 600."""
    import tracemalloc

    true = rng.uniform(-1.5, 1.5, size=(300, 5))
    tracemalloc.start()
    assert state_space_divergence(true, true) == 0.0
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()


def test_no_point_in_range_and_divergent_runs_are_nan(rng):
    true = rng.normal(size=(100, 2))
    assert math.isnan(state_space_divergence(true, true + 100))
    broken = true.copy()
    broken[3, 1] = np.inf
    assert math.isnan(state_space_divergence(true, broken))
    assert math.isnan(state_space_divergence_gmm(true, broken))
    assert math.isnan(latent_divergence(true, broken))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 5), st.booleans(), st.integers(0, 2**31))
def test_log_densities_are_those_of_loops(dims, n_means, n_points, individual, seed):
    rng = np.random.default_rng(seed)
    means, points = rng.normal(size=(n_means, dims)), rng.normal(size=(n_points, dims))
    scales = rng.uniform(0.3, 2, size=means.shape) if individual else 0.7
    found = GaussianMixture(means, scales).log_density(points)
    every = np.broadcast_to(scales, means.shape)
    for value, y in zip(found, points, strict=True):
        density = 0.0
        for mean, scale in zip(means, every, strict=True):
            density += math.prod(math.exp(-0.5 * ((y[d] - mean[d]) / scale[d]) ** 2) / scale[d] for d in range(dims))
        np.testing.assert_allclose(value, math.log(density / n_means), rtol=1e-9, atol=1e-12)


def test_log_densities_do_not_depend_on_chunks_and_never_vanish(rng, monkeypatch):
    means, points = rng.normal(size=(50, 3)), rng.normal(size=(17, 3))
    whole = GaussianMixture(means, 0.5).log_density(points)
    monkeypatch.setattr("indl_vae.analysis.dynamics.gaussian_mixture._CHUNK", 100)
    np.testing.assert_allclose(GaussianMixture(means, 0.5).log_density(points), whole, rtol=1e-14)
    far = GaussianMixture(np.zeros((1, 1)), 1.0).log_density(np.array([[100.0]]))
    np.testing.assert_allclose(far, -5000.0)  # its exponential is 0


def test_samples_are_spread_as_the_mixture(rng):
    means, scales = np.array([[0.0, 5.0], [10.0, -5.0]]), np.array([[0.1, 0.2], [0.3, 0.4]])
    samples = GaussianMixture(means, scales).sample(rng, 20_000)
    first = samples[:, 0] < 5
    assert 0.48 < first.mean() < 0.52
    np.testing.assert_allclose(samples[first].std(0), scales[0], rtol=0.05)
    np.testing.assert_allclose(samples[~first].mean(0), means[1], atol=0.02)


def test_single_gaussians_have_the_divergence_of_the_closed_form():
    """`KL = sum log(b/a) + (a^2 + d^2) / (2 b^2) - 1/2`; 4 standard errors of 100,000 samples."""
    p, q, n = np.array([[0.0, 1.0]]), np.array([[1.5, 0.0]]), 100_000
    gmm = state_space_divergence_gmm(p, q, scale=0.5, n_samples=n, symmetric=False)
    assert gmm == pytest.approx(3.25 / (2 * 0.25), abs=4 * math.sqrt(3.25 / 0.25 / n))
    a, b = np.array([[0.5, 2.0]]), np.array([[1.0, 0.8]])
    exact = sum(
        math.log(t / s) + (s**2 + d**2) / (2 * t**2) - 0.5 for s, t, d in zip(a[0], b[0], (1.5, 1.0), strict=True)
    )
    found = latent_divergence(p, q, posterior_scales=a, generated_scales=b, n_samples=n)
    assert found == pytest.approx(exact, abs=0.08)
    assert latent_divergence(p, q, n_samples=n) == pytest.approx(1.625, abs=4 * math.sqrt(3.25 / n))


def test_both_directions_are_averaged(rng):
    true, generated = rng.normal(size=(300, 2)), 0.2 * rng.normal(size=(200, 2))
    options = {"scale": 0.3, "n_samples": 4000}
    forward = state_space_divergence_gmm(true, generated, symmetric=False, **options)
    backward = state_space_divergence_gmm(generated, true, symmetric=False, **options)
    assert forward > 3 * backward > 0.5
    both = state_space_divergence_gmm(true, generated, **options)
    assert both == pytest.approx((forward + backward) / 2, rel=0.1)


def test_a_seed_fixes_the_estimate(rng):
    true, generated = rng.normal(size=(2, 200, 7))
    for function in (state_space_divergence_gmm, latent_divergence):
        first = function(true, generated, seed=3)
        assert first == function(true, generated, seed=3) != function(true, generated, seed=4)


def test_the_first_points_are_used(rng):
    true, generated = rng.normal(size=(2, 2, 40, 3))
    for function, options in ((state_space_divergence_gmm, {"symmetric": False}), (latent_divergence, {})):
        part = function(true, generated, max_points=50, **options)
        flat = function(true.reshape(-1, 3)[:50], generated.reshape(-1, 3)[:50], **options)
        assert part == flat != function(true, generated, **options)
    scales = rng.uniform(0.5, 2, size=(2, 2, 40, 3))
    part = latent_divergence(true, generated, posterior_scales=scales[0], generated_scales=scales[1], max_points=50)
    first = [array.reshape(-1, 3)[:50] for array in (true, generated, *scales)]
    assert part == latent_divergence(*first[:2], posterior_scales=first[2], generated_scales=first[3])


def test_unit_scales_are_the_default_of_latents(rng):
    means, latents = rng.normal(size=(2, 60, 4))
    plain = latent_divergence(means, latents)
    ones = latent_divergence(means, latents, posterior_scales=np.ones((60, 4)), generated_scales=np.ones((60, 4)))
    np.testing.assert_allclose(ones, plain, rtol=1e-10)
    sharp = latent_divergence(
        means, latents, posterior_scales=np.full((60, 4), 0.1), generated_scales=np.full((60, 4), 0.1)
    )
    assert sharp > 10 * abs(plain)


def test_bad_arguments_are_refused(rng):
    x = rng.normal(size=(50, 3))
    with pytest.raises(ConfigError, match=r"n_bins: 30 bins in each of 6 dimensions are 7.29e\+08 cells, .*_gmm"):
        state_space_divergence(np.zeros((9, 6)), np.zeros((9, 6)))
    with pytest.raises(ConfigError, match="n_bins: expected an integer of at least 2, got 1"):
        state_space_divergence(x, x, 1)
    with pytest.raises(ConfigError, match="extent: expected 'legacy' or 'full', got 'wide'"):
        state_space_divergence(x, x, extent="wide")
    with pytest.raises(DataError, match="true: expected every dimension to vary, got one value in dimension 1"):
        state_space_divergence(x * [1, 0, 1], x)
    with pytest.raises(DataError, match="true: expected standardised data, .* got 0 % of the points there"):
        state_space_divergence(x + 50, x)
    with pytest.raises(DataError, match="generated: expected the 3 dimensions of `true` on the last axis, got 2"):
        state_space_divergence(x, x[:, :2])
    with pytest.raises(DataError, match="true: expected finite numbers, got 150 entries"):
        state_space_divergence_gmm(x * np.inf, x)
    with pytest.raises(DataError, match=r"generated: expected trajectories .* got shape \(1, 0, 3\)"):
        state_space_divergence_gmm(x, x[:0])
    with pytest.raises(ConfigError, match="scale: expected a finite number above 0, got 0"):
        state_space_divergence_gmm(x, x, scale=0)
    with pytest.raises(ConfigError, match="n_samples: expected an integer of at least 1, got 0"):
        latent_divergence(x, x, n_samples=0)
    with pytest.raises(DataError, match="generated_latents: expected the 3 dimensions of `posterior_means`"):
        latent_divergence(x, x[:, :1])
    with pytest.raises(DataError, match=r"posterior_scales: expected standard deviations above 0 .* \(1, 50, 3\), got"):
        latent_divergence(x, x, posterior_scales=-np.ones_like(x))
    with pytest.raises(
        DataError, match=r"generated_scales: expected standard deviations above 0 .* got shape \(1, 2, 3"
    ):
        latent_divergence(x, x, generated_scales=np.ones((2, 3)))
