"""Gamma against SciPy, and the floor under the data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from indl_vae.distributions.likelihoods import GammaLikelihood
from indl_vae.errors import ConfigError


def test_log_prob_and_mean(rng):
    x, raw = rng.gamma(2.0, size=(2, 5, 3)).astype("f4"), rng.normal(size=(2, 5, 6)).astype("f4")
    alpha, beta = np.exp(raw[..., :3]), np.exp(raw[..., 3:])
    likelihood = GammaLikelihood(3)
    np.testing.assert_allclose(
        likelihood.log_prob(x, raw), stats.gamma.logpdf(x, alpha, scale=1 / beta), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(likelihood.mean(raw), alpha / beta, rtol=1e-5)


def test_values_below_the_floor_count_as_the_floor():
    likelihood, raw = GammaLikelihood(1, data_floor=0.01), np.zeros((3, 2), "f4")
    got = likelihood.log_prob(np.array([[0.0], [-1.0], [0.01]]), raw)
    np.testing.assert_allclose(got, stats.gamma.logpdf(0.01, 1.0), rtol=1e-5)


def test_floor_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="`data_floor` must be above 0, got 0.0"):
        GammaLikelihood(1, data_floor=0.0)
