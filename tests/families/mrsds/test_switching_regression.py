"""Which state rules each step, found from the path alone."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.regions import state_accuracy
from indl_vae.data import synthetic
from indl_vae.families.mrsds.principal_paths import principal_paths
from indl_vae.families.mrsds.switching_regression import step_states


def rotations(rng, n_trials=40, n_bins=60, angles=(0.4, -0.4)):
    """Returns paths on circles that turn one way or the other, and the states of the steps to each bin."""
    states = np.repeat(rng.integers(0, len(angles), (n_trials, n_bins // 15)), 15, axis=1)
    x = np.empty((n_trials, n_bins, 2))
    x[:, 0] = rng.normal(size=(n_trials, 2))
    for t in range(1, n_bins):
        angle = np.asarray(angles)[states[:, t]]
        turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], -1).reshape(-1, 2, 2)
        x[:, t] = (turn @ x[:, t - 1, :, None])[..., 0] + 0.01 * rng.normal(size=(n_trials, 2))
    return x, states


@pytest.mark.parametrize("angles", [(0.4, -0.4), (0.5, 0.1, -0.3)])
def test_states_that_differ_in_nothing_but_dynamics_are_found(rng, angles):
    """Both turns go through the same places, which k-means cannot tell apart."""
    x, states = rotations(rng, angles=angles)
    found = step_states(x, len(angles), seed=0)
    assert found.shape == (*states.shape, len(angles)) and found.dtype == np.float32
    np.testing.assert_array_equal(found.sum(-1), 1.0)
    assert state_accuracy(found[:, 1:], states[:, 1:]) > 0.95


def test_the_published_systems_states_are_found():
    for name, dim, options in (("double-well", 2, {}), ("lotka-volterra", 1, {"n_bins": 60})):
        data = synthetic.make(name, n_train=40, n_valid=2, n_test=2, **options).dataset().train
        paths = principal_paths(data, (50, 50), dim)
        true = data.extras["dynamic_label"]
        if name == "double-well":  # whose states rule the step from their bin
            true = np.concatenate([true[:, :1], true[:, :-1]], 1)
        assert state_accuracy(step_states(paths.latents, 2, 0, paths.steps, data.ext_input), true) > 0.97


def test_padding_plays_no_part_and_the_seed_decides(rng):
    x, states = rotations(rng, n_trials=25)
    steps = (np.arange(60) < rng.integers(30, 60, (25, 1))).astype(np.float32)
    junk = np.where(steps[..., None] > 0, x, 50.0 * rng.normal(size=x.shape))
    found = step_states(junk, 2, 3, steps)
    np.testing.assert_array_equal(found, step_states(junk, 2, 3, steps))
    lengths = steps.sum(1).astype(int)
    assert state_accuracy(found[:, 1:], states[:, 1:], lengths - 1) > 0.97


def test_one_state_or_one_bin_has_nothing_to_tell(rng):
    assert (step_states(rng.normal(size=(3, 7, 2)), 1, 0) == 1.0).all()
    alone = step_states(rng.normal(size=(3, 1, 2)), 2, 0)
    assert alone.shape == (3, 1, 2) and (alone.sum(-1) == 1.0).all()
    few = step_states(rng.normal(size=(1, 2, 1)), 2, 0, ext_input=rng.normal(size=(1, 2, 3)))
    assert few.shape == (1, 2, 2) and np.isfinite(few).all()
