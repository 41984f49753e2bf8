"""Bernoulli against SciPy."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from indl_vae.distributions.likelihoods import BernoulliLikelihood


def test_log_prob_and_mean(rng):
    x, raw = rng.integers(0, 2, size=(2, 5, 3)).astype("f4"), rng.normal(size=(2, 5, 3)).astype("f4")
    likelihood = BernoulliLikelihood(3)
    np.testing.assert_allclose(
        likelihood.log_prob(x, raw), stats.bernoulli.logpmf(x, special.expit(raw)), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(likelihood.mean(raw), special.expit(raw), rtol=1e-5)
