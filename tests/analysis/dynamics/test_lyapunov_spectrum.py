"""Exponents of maps whose exponents are known, and of products of Jacobians multiplied out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.dynamics import lyapunov_spectrum
from indl_vae.errors import ConfigError, DataError
from tests.analysis.dynamics.maps import Lorenz63, Smooth, linear, orbits, random_map


def test_lorenz_63_has_its_known_exponents():
    """0.906, 0 and -14.57 per unit time (Sprott, Chaos and Time-Series Analysis, 2003)."""
    starts = orbits(Lorenz63(), np.random.default_rng(0).normal(size=(32, 3)) * 5 + [0, 0, 25], 1, 4000)[:, 0]
    found = lyapunov_spectrum(Lorenz63(), starts, 6000, 500, dt=0.01)
    assert found[0] == pytest.approx(0.906, rel=0.05)
    assert abs(found[1]) < 0.02
    assert found.sum() == pytest.approx(-(10 + 1 + 8 / 3), rel=1e-3)  # the divergence of the field, everywhere the same


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.floats(0.05, 2.0), st.integers(0, 2**31))
def test_a_linear_map_has_the_logarithms_of_its_eigenvalues(units, every, dt, seed):
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(units, units)))[0] @ np.diag(rng.uniform(0.5, 2, units))
    values = np.sort(0.3 * 1.7 ** np.arange(units))[::-1]
    matrix = basis @ np.diag(values) @ np.linalg.inv(basis)
    found = lyapunov_spectrum(linear(matrix), np.zeros(units), 50, 200, dt, every)
    np.testing.assert_allclose(found, np.log(values) / dt, rtol=1e-6, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**31))
def test_exponents_are_those_of_jacobians_multiplied_out(units, n_starts, every, seed):
    """Over all directions the growth is the determinant's; the largest is that of the product's largest singular value."""
    latent_map = random_map(seed, units, slope=0.4, gain=0.6)
    starts = np.random.default_rng(seed).normal(size=(n_starts, units))
    found = lyapunov_spectrum(latent_map, starts, 30, 0, 0.5, every)
    volumes = []
    for z in starts:
        volume = 0.0
        for _ in range(30):
            volume += math.log(abs(np.linalg.det(latent_map.jacobian(z))))
            z = latent_map.step(z)
        volumes.append(volume)
    np.testing.assert_allclose(found.sum(), np.mean(volumes) / (30 * 0.5), rtol=1e-7, atol=1e-9)
    assert (np.diff(found) <= 0).all() and found.shape == (units,)


def test_the_largest_exponent_is_that_of_the_largest_singular_value(rng):
    latent_map, product = random_map(11, 3, slope=0.4), np.eye(3)
    z = start = rng.normal(size=3)
    for _ in range(60):
        product = latent_map.jacobian(z) @ product
        z = latent_map.step(z)
    wanted = math.log(np.linalg.norm(product, 2)) / 60
    for every in (1, 7, 60):
        assert lyapunov_spectrum(latent_map, start, 60, 0, every=every)[0] == pytest.approx(wanted, abs=0.05)


def test_the_logistic_map_at_4_doubles_distances():
    latent_map = Smooth(lambda z, inputs=None: 4 * z * (1 - z), lambda z: (4 - 8 * z)[..., None])
    starts = np.linspace(0.12, 0.87, 40)[:, None]
    assert lyapunov_spectrum(latent_map, starts, 500, 20) == pytest.approx(math.log(2), abs=0.02)


def test_fewer_exponents_are_the_first_and_frames_find_them_from_any_axis():
    """Diagonal: a frame of the first axis alone would keep to the mode that falls."""
    matrix = np.diag([0.5, 0.9, 1.2])
    np.testing.assert_allclose(lyapunov_spectrum(linear(matrix), np.zeros(3), 50, 300, n_exponents=1), [np.log(1.2)])
    two = lyapunov_spectrum(linear(matrix), np.zeros((2, 3)), 50, 300, n_exponents=2)
    np.testing.assert_allclose(two, np.log([1.2, 0.9]), rtol=1e-6)


def test_the_transient_is_left_out_and_starts_are_averaged():
    """A map that halves distances beyond 1 and doubles nothing: one start falls in after 10 steps."""
    latent_map = Smooth(
        lambda z, inputs=None: np.where(z > 1, z - 1, 0.9 * z), lambda z: np.where(z > 1, 1.0, 0.9)[..., None]
    )
    far, near = np.array([10.5]), np.array([0.5])
    assert lyapunov_spectrum(latent_map, far, 10, 0) == pytest.approx(0)
    assert lyapunov_spectrum(latent_map, far, 10, 10) == pytest.approx(math.log(0.9))
    both = lyapunov_spectrum(latent_map, np.stack([far, near]), 10, 0)
    assert both == pytest.approx(math.log(0.9) / 2)


def test_a_destroyed_direction_has_minus_infinity():
    found = lyapunov_spectrum(linear(np.diag([0.5, 0.0])), np.zeros(2), 5, 5)
    assert found[0] == pytest.approx(math.log(0.5)) and found[1] == -math.inf


def test_bad_arguments_are_refused():
    still = linear(np.eye(2))
    with pytest.raises(DataError, match=r"start: expected finite states .* got shape \(1, 2, 3\)"):
        lyapunov_spectrum(still, np.zeros((1, 2, 3)), 5)
    with pytest.raises(DataError, match=r"start: expected finite states .* got shape \(2,\) with NaN or infinity"):
        lyapunov_spectrum(still, [0, np.nan], 5)
    with pytest.raises(ConfigError, match="n_steps: expected an integer of at least 1, got 0"):
        lyapunov_spectrum(still, np.zeros(2), 0)
    with pytest.raises(ConfigError, match="n_transient: expected an integer of at least 0, got -1"):
        lyapunov_spectrum(still, np.zeros(2), 5, -1)
    with pytest.raises(ConfigError, match="dt: expected a finite number above 0, got 0"):
        lyapunov_spectrum(still, np.zeros(2), 5, dt=0)
    with pytest.raises(ConfigError, match="n_exponents: expected at most the 2 dimensions of the map, got 3"):
        lyapunov_spectrum(still, np.zeros(2), 5, n_exponents=3)
    with pytest.raises(DataError, match="start: expected bounded orbits, .* not finite after .* steps, from start 1"):
        lyapunov_spectrum(linear(1e50 * np.eye(2)), np.array([[0.0, 0.0], [1.0, 1.0]]), 50, 0)
    with pytest.raises(DataError, match=r"latent_map.step: expected an array of shape \(1, 2\) .* got \(2,\)"):
        lyapunov_spectrum(Smooth(lambda z: z[0], still.jacobian), np.zeros(2), 5)
    with pytest.raises(DataError, match=r"latent_map.jacobian: expected an array of shape \(1, 2, 2\)"):
        lyapunov_spectrum(Smooth(still.step, lambda z: np.eye(2)), np.zeros(2), 5)
