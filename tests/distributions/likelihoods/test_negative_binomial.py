"""Negative binomial against SciPy, its variance, and the Poisson limit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from indl_vae.distributions.likelihoods import NegativeBinomialLikelihood, PoissonLikelihood
from indl_vae.errors import ConfigError
from tests.distributions.helpers import value_and_gradients

X = np.arange(40, dtype="f4")[:, None]


@pytest.mark.parametrize("dispersion", [1e-3, 0.1, 1.0, 20.0])
@pytest.mark.parametrize("log_mean", [-6.0, 0.0, 3.0])
def test_log_prob_mean_and_variance(dispersion, log_mean):
    likelihood = NegativeBinomialLikelihood(1, init_dispersion=dispersion)
    raw = likelihood(np.full((40, 1), log_mean, "f4"))
    r, m = 1 / dispersion, np.exp(log_mean)
    np.testing.assert_allclose(
        likelihood.log_prob(X, raw), stats.nbinom.logpmf(X, r, r / (r + m)), rtol=2e-4, atol=1e-5
    )
    np.testing.assert_allclose(likelihood.mean(raw), m, rtol=1e-4)
    np.testing.assert_allclose(likelihood.distribution(raw).variance(), m + dispersion * m**2, rtol=1e-4)


@pytest.mark.parametrize("log_dispersion", [-18.0, -50.0, -1e4])
@pytest.mark.parametrize("log_mean", [-50.0, 0.0, 3.0])
def test_poisson_limit(log_dispersion, log_mean):
    likelihood = NegativeBinomialLikelihood(1)
    likelihood.log_dispersion.assign([log_dispersion])
    pre = np.full((40, 1), log_mean, "f4")
    oracle = PoissonLikelihood(1).log_prob(X, pre)
    score = lambda: likelihood.log_prob(X, likelihood(pre))  # noqa: E731
    value, gradients = value_and_gradients(score, likelihood.trainable_weights, jit=False)
    np.testing.assert_allclose(value, oracle, rtol=1e-4, atol=1e-5)
    assert np.isfinite(gradients[0]).all()


def test_dispersion_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="`init_dispersion` must be above 0, got 0.0; for none take poisson"):
        NegativeBinomialLikelihood(1, init_dispersion=0.0)
