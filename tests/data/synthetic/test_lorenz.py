from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from indl_vae.data.synthetic import make
from indl_vae.data.synthetic.lorenz import BETA, RHO, SIGMA, trajectories
from indl_vae.errors import ConfigError

SMALL = {"n_conditions": 3, "n_replications": 10, "n_channels": 12, "n_bins": 50}


def test_trajectories_are_those_of_the_system():
    def slope(_, s):
        return [SIGMA * (s[1] - s[0]), s[0] * (RHO - s[2]) - s[1], s[0] * s[1] - BETA * s[2]]

    start = np.array([1.0, -2.0, 20.0])
    times = np.arange(100) * 0.01
    exact = solve_ivp(slope, (0, 1), start, t_eval=times, rtol=1e-10, atol=1e-10).y.T
    np.testing.assert_allclose(trajectories(start[None], 100)[0], exact, atol=2e-3)


def test_arrays_and_units():
    made = make("lorenz", seed=1, **SMALL)
    dataset = made.dataset()
    assert dataset.train.x.shape == (24, 50, 12) and dataset.valid.x.shape == (6, 50, 12)
    np.testing.assert_allclose(dataset.train.truth, made.arrays["train_truth"] * 0.01, rtol=1e-6)
    assert "conversion_factor" not in made.arrays
    inds = np.concatenate([dataset.train.inds, dataset.valid.inds])
    assert sorted(inds.tolist()) == list(range(30))
    np.testing.assert_array_equal(dataset.train.condition, dataset.train.inds // 10)


def test_log_rates_are_linear_in_the_latent_state():
    arrays = make("lorenz", seed=2, base_rate_hz=4.0, **SMALL).arrays
    latent = arrays["train_latent"].reshape(-1, 3)
    log_rates = np.log(arrays["train_truth"].reshape(-1, 12))
    design = np.column_stack([latent, np.ones(len(latent))])
    weights, residual, *_ = np.linalg.lstsq(design, log_rates, rcond=None)
    assert residual.max() < 1e-6
    np.testing.assert_allclose(weights[3], np.log(4.0), atol=1e-4)
    assert np.abs(weights[:3]).max() <= 1.0


def test_replications_share_their_trajectory():
    arrays = make("lorenz", seed=3, **SMALL).arrays
    for condition in range(3):
        truth = arrays["train_truth"][arrays["train_condition"] == condition]
        assert (truth == truth[0]).all()


def test_counts_follow_the_rates():
    dataset = make("lorenz", seed=4).dataset()
    x, truth = dataset.train.x, dataset.train.truth
    assert dataset.train.x.shape == (640, 100, 60)
    # Poisson: the sum's standard deviation is the root of its mean.
    assert abs(x.sum(dtype=float) - truth.sum(dtype=float)) < 5 * np.sqrt(truth.sum(dtype=float))
    assert 5.0 < truth.mean() / 0.01 < 20.0
    assert abs(dataset.train.extras["latent"].mean()) < 0.5


def test_seed_decides():
    first, again, other = (make("lorenz", seed=seed, **SMALL).arrays["train_data"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_share_that_empties_a_split(share):
    with pytest.raises(ConfigError, match=f"valid_share: {share} of 30 trials"):
        make("lorenz", valid_share=share, **SMALL)
