"""Errors of forecasts, against loops over trials, bins and steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.dynamics import k_step_error, persistence_error
from indl_vae.errors import ConfigError, DataError
from tests.analysis.dynamics.maps import PiecewiseLinear, random_map


def by_loops(latents, x, latent_map, readout, k, inputs, seen):
    squares = []
    for trial in range(len(x)):
        for t in range(x.shape[1] - k):
            z = latents[trial, t]
            for j in range(1, k + 1):
                z = latent_map.step(z) if inputs is None else latent_map.step(z, inputs[trial, t + j])
            forecast = z @ readout
            for i in range(x.shape[2]):
                if seen[trial, t + k, i]:
                    squares.append((forecast[i] - x[trial, t + k, i]) ** 2)
    return np.mean(squares) if squares else math.nan


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(3, 9), st.integers(1, 4), st.integers(1, 3), st.booleans(), st.integers(0, 2**31))
def test_errors_are_those_of_loops(trials, bins, units, channels, driven, seed):
    rng = np.random.default_rng(seed)
    latent_map, readout = random_map(seed, units, 0.18), rng.normal(size=(units, channels))
    latent_map.input_weights = rng.normal(size=(units, 2))
    latents, x = rng.normal(size=(trials, bins, units)), rng.normal(size=(trials, bins, channels))
    inputs = rng.normal(size=(trials, bins, 2)) if driven else None
    seen = rng.random(x.shape) < 0.8
    ks = sorted({1, bins // 2, bins - 1})
    found = k_step_error(latents, x, latent_map.step, lambda z: z @ readout, ks, inputs, seen)
    wanted = {k: by_loops(latents, x, latent_map, readout, k, inputs, seen) for k in ks}
    assert list(found) == ks
    np.testing.assert_allclose(list(found.values()), list(wanted.values()), rtol=1e-9)


def test_the_true_map_with_its_true_inputs_makes_no_error(rng):
    """The input at t enters the transition from t - 1 to t: shifted by one bin, it does not fit."""
    latent_map = PiecewiseLinear([0.8, 0.5], [[0, 0.3], [-0.4, 0]], [0.1, 0.2], input_weights=np.array([[1.0], [2.0]]))
    inputs, states = rng.normal(size=(1, 40, 1)), [np.zeros(2)]
    for t in range(1, 40):
        states.append(latent_map.step(states[-1], inputs[0, t]))
    latents = np.array(states)[None]
    errors = k_step_error(latents, latents, latent_map.step, lambda z: z, (1, 5, 20), inputs)
    assert max(errors.values()) < 1e-24
    shifted = k_step_error(latents, latents, latent_map.step, lambda z: z, (1, 5), np.roll(inputs, 1, axis=1))
    assert min(shifted.values()) > 0.1


def test_missing_observations_and_masked_bins_do_not_count(rng):
    x = rng.normal(size=(2, 6, 3))
    broken = x.copy()
    broken[0, 3, 1], broken[1, 5] = np.nan, 1e9
    mask = np.ones((2, 6))
    mask[1, 5] = 0
    seen = ~np.isnan(broken) & (mask[..., None] > 0)
    found = k_step_error(x, broken, lambda z: 0.5 * z, lambda z: z, (2,), mask=mask)[2]
    wanted = np.mean(((0.25 * x[:, :4] - broken[:, 2:]) ** 2)[seen[:, 2:]])
    np.testing.assert_allclose(found, wanted)
    both = seen[:, 2:] & seen[:, :4]
    np.testing.assert_allclose(
        persistence_error(broken, (2,), mask)[2], np.mean(((broken[:, :4] - broken[:, 2:]) ** 2)[both])
    )
    assert math.isnan(k_step_error(x, x, lambda z: z, lambda z: z, (1,), mask=0 * mask)[1])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(2, 12), st.integers(1, 3), st.integers(0, 2**31))
def test_persistence_is_that_of_loops(trials, bins, channels, seed):
    x = np.random.default_rng(seed).normal(size=(trials, bins, channels))
    for k, value in persistence_error(x, range(1, bins)).items():
        squares = [(x[b, t] - x[b, t + k]) ** 2 for b in range(trials) for t in range(bins - k)]
        np.testing.assert_allclose(value, np.mean(squares))


def test_one_trajectory_may_stand_alone(rng):
    x = rng.normal(size=(9, 2))
    assert persistence_error(x, (3,)) == persistence_error(x[None], (3,))
    assert k_step_error(x, x, np.copy, np.copy, (3,)) == persistence_error(x, (3,))


def test_a_map_that_diverges_is_infinitely_wrong():
    x = np.ones((1, 6, 1))
    errors = k_step_error(x, x, lambda z: z * 1e200, lambda z: z, (1, 3))
    assert errors == {1: math.inf, 3: math.inf}
    lost = k_step_error(x, x, lambda z: np.full_like(z, np.nan), lambda z: z, (1,))
    assert lost == {1: math.inf}


def test_bad_arguments_are_refused(rng):
    x = rng.normal(size=(2, 5, 3))
    same = lambda z: z  # noqa: E731
    with pytest.raises(ConfigError, match="ks: expected numbers of steps below the 5 bins of a trial, got 5"):
        k_step_error(x, x, same, same, (1, 5))
    with pytest.raises(ConfigError, match="ks: expected an integer of at least 1, got 0"):
        persistence_error(x, (0,))
    with pytest.raises(ConfigError, match="ks: expected an integer of at least 1, got 1.5"):
        persistence_error(x, (1.5,))
    with pytest.raises(ConfigError, match="ks: expected one or more numbers of steps ahead, got none"):
        persistence_error(x, ())
    with pytest.raises(DataError, match=r"latents: expected trajectories .* got shape \(3,\)"):
        k_step_error(np.zeros(3), x, same, same, (1,))
    with pytest.raises(DataError, match="latents: expected finite numbers, got 30 entries"):
        k_step_error(x * np.nan, x, same, same, (1,))
    with pytest.raises(
        DataError, match=r"observations: expected the trials and bins of `latents`, \(2, 5\), got \(2, 4"
    ):
        k_step_error(x, x[:, 1:], same, same, (1,))
    with pytest.raises(DataError, match=r"inputs: expected the trials and bins of `latents`"):
        k_step_error(x, x, same, same, (1,), inputs=x[:1])
    with pytest.raises(DataError, match=r"mask: expected shape \(2, 5, 3\) or \(2, 5\), 1 = observed, got \(2,\)"):
        k_step_error(x, x, same, same, (1,), mask=np.ones(2))
    with pytest.raises(DataError, match=r"step: expected states of shape \(2, 4, 3\) back, got \(2, 4, 2\)"):
        k_step_error(x, x, lambda z: z[..., :2], same, (1,))
    with pytest.raises(DataError, match=r"readout: expected observations of shape \(2, 4, 3\)"):
        k_step_error(x, x, same, lambda z: z[..., :1], (1,))
