"""Gaussian observations against SciPy under each kind of deviation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from indl_vae.distributions.likelihoods import GaussianLikelihood
from indl_vae.errors import ConfigError
from indl_vae.numerics import SCALE_FLOOR


def deviation(raw_scale):
    return np.log1p(np.exp(raw_scale + np.log(np.expm1(1.0)))) + SCALE_FLOOR


def test_deviation_of_each_bin(rng):
    x, pre = rng.normal(size=(2, 5, 3)).astype("f4"), rng.normal(size=(2, 5, 6)).astype("f4")
    likelihood = GaussianLikelihood(3)
    raw = likelihood(pre)
    np.testing.assert_array_equal(raw, pre)
    np.testing.assert_allclose(
        likelihood.log_prob(x, raw), stats.norm.logpdf(x, pre[..., :3], deviation(pre[..., 3:])), rtol=1e-4
    )
    np.testing.assert_array_equal(likelihood.mean(raw), pre[..., :3])


def test_deviation_of_each_channel(rng):
    x, pre = rng.normal(size=(2, 5, 3)).astype("f4"), rng.normal(size=(2, 5, 3)).astype("f4")
    likelihood = GaussianLikelihood(3, scale="per_channel")
    likelihood.raw_scale.assign([-1.0, 0.0, 2.0])
    oracle = stats.norm.logpdf(x, pre, deviation(np.array([-1.0, 0.0, 2.0])))
    np.testing.assert_allclose(likelihood.log_prob(x, likelihood(pre)), oracle, rtol=1e-4)
    assert (likelihood.params_per_channel, likelihood.raw_per_channel) == (1, 2)


def test_fixed_deviation(rng):
    x, pre = rng.normal(size=(2, 5, 3)).astype("f4"), rng.normal(size=(2, 5, 3)).astype("f4")
    likelihood = GaussianLikelihood(3, scale="fixed")
    np.testing.assert_allclose(likelihood.log_prob(x, likelihood(pre)), stats.norm.logpdf(x, pre, 1.0), rtol=1e-5)
    assert likelihood.weights == []


def test_deviation_starts_at_one():
    np.testing.assert_allclose(GaussianLikelihood(2).distribution(np.zeros((1, 1, 4), "f4")).stddev(), 1.0, rtol=2e-5)


def test_unknown_scales_are_refused():
    with pytest.raises(ConfigError, match="`scale` must be one of .*'per_channel'.*got 'shared'"):
        GaussianLikelihood(2, scale="shared")
