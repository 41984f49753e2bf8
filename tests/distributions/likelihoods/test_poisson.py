"""Poisson against SciPy and TFP, both normalisers, and the clip."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from indl_vae import numerics
from indl_vae.distributions.likelihoods import PoissonLikelihood
from indl_vae.distributions.likelihoods.poisson import exact_log_factorial, stirling_log_factorial
from indl_vae.errors import ConfigError


@pytest.fixture
def scored(rng):
    return rng.poisson(2.0, size=(2, 50, 3)).astype("f4"), rng.normal(size=(2, 50, 3)).astype("f4") * 2


def test_exact_log_prob(scored):
    x, raw = scored
    likelihood = PoissonLikelihood(3)
    np.testing.assert_allclose(likelihood.log_prob(x, raw), stats.poisson.logpmf(x, np.exp(raw)), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        likelihood.log_prob(x, raw), likelihood.distribution(raw).log_prob(x), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(likelihood.mean(raw), np.exp(raw), rtol=1e-6)


def test_stirling_log_prob_is_that_of_tensorflow(scored):
    x, raw = scored
    oracle = -tf.nn.log_poisson_loss(x, raw, compute_full_loss=True)
    np.testing.assert_allclose(
        PoissonLikelihood(3, normalizer="stirling").log_prob(x, raw), oracle, rtol=1e-5, atol=1e-5
    )
    exact = PoissonLikelihood(3)
    np.testing.assert_allclose(exact.log_prob(x, raw, normalizer="stirling"), oracle, rtol=1e-5, atol=1e-5)
    assert not np.allclose(exact.log_prob(x, raw), oracle, atol=1e-3)


def test_stirling_formula_is_that_of_numerics():
    counts = np.array([0, 1, 2, 3, 10, 500.0])
    np.testing.assert_allclose(
        stirling_log_factorial(tf.constant(counts, tf.float32)), numerics.stirling_log_factorial(counts), rtol=1e-5
    )


def test_clip_bounds_rate_and_likelihood_alike():
    raw = tf.constant([[[-1e6, 0.0, 1e6]]])
    likelihood = PoissonLikelihood(3)
    bounds = np.array([numerics.LOG_RATE_RANGE[0], 0.0, numerics.LOG_RATE_RANGE[1]])
    np.testing.assert_allclose(likelihood.mean(raw)[0, 0], np.exp(bounds), rtol=1e-5)
    np.testing.assert_allclose(likelihood.log_prob(np.ones((1, 1, 3)), raw)[0, 0], bounds - np.exp(bounds), rtol=1e-5)


@pytest.mark.parametrize(("log_rate", "count"), [(40.0, 2.0), (-40.0, 2.0)])
def test_a_log_rate_beyond_the_clip_is_drawn_back(log_rate, count):
    raw = tf.Variable([[[log_rate]]])
    with tf.GradientTape() as tape:
        loss = -PoissonLikelihood(1).log_prob([[[count]]], raw)
    slope = tape.gradient(loss, raw).numpy().item()
    assert np.sign(slope) == np.sign(log_rate), "descent moves towards the range"
    assert abs(slope) < np.exp(10.0) + 1


def test_without_the_clip_the_published_formula():
    raw = tf.constant([[[15.0]]])
    assert PoissonLikelihood(1, clip_log_rate=False).mean(raw).numpy() == pytest.approx(np.exp(15.0), rel=1e-5)


def test_unknown_normalizers_are_refused():
    with pytest.raises(ConfigError, match="`normalizer` must be one of .*'stirling'.*got 'gamma'"):
        PoissonLikelihood(1, normalizer="gamma")
    with pytest.raises(ConfigError, match="got 'none'"):
        PoissonLikelihood(1).log_prob(tf.zeros((1, 1, 1)), tf.zeros((1, 1, 1)), normalizer="none")


@pytest.mark.parametrize("counts", [[0.0, 1.0, 7.0, 255.0], [0.0, 3.0, 256.0, 5000.0], [0.5, 2.25, 9.0, 1.0]])
def test_log_factorial_from_the_table_and_beyond(counts):
    from scipy.special import gammaln

    np.testing.assert_allclose(
        exact_log_factorial(tf.constant(counts)), gammaln(np.array(counts) + 1.0), rtol=1e-6, atol=1e-7
    )
