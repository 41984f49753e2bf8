"""Factors of covariances against TensorFlow Probability's normals."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.inference.scale import Scale, entropy, log_normal, normal_kl

tfd = tfp.distributions
D = 3


def scale(kind, seed, lead=()):
    rng = np.random.default_rng(seed)
    diagonal = rng.uniform(0.3, 1.5, (*lead, D))
    if kind == "diagonal":
        return Scale(tf.constant(diagonal))
    below = np.tril(rng.normal(size=(*lead, D, D)), -1)
    return Scale(tf.constant(below + np.eye(D) * diagonal[..., None, :]), True)


def law(factor, loc):
    return (
        tfd.MultivariateNormalTriL(loc, factor.factor)
        if factor.triangular
        else tfd.MultivariateNormalDiag(loc, factor.factor)
    )


KINDS = ("diagonal", "triangular")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lead", [(), (4, 5)])
def test_density_and_entropy(kind, lead):
    one, values = scale(kind, 0, lead), tf.constant(np.random.default_rng(1).normal(size=(4, 5, D)))
    normal = law(one, tf.zeros((4, 5, D), tf.float64))
    np.testing.assert_allclose(log_normal(values, one), normal.log_prob(values), rtol=1e-10)
    np.testing.assert_allclose(tf.broadcast_to(entropy(one), (4, 5)), normal.entropy(), rtol=1e-10)
    np.testing.assert_allclose(one.times(one.whiten(values)), values, rtol=1e-10)


@pytest.mark.parametrize("own", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_divergence_and_sums(own, other):
    first, second = scale(own, 2, (4, 5)), scale(other, 3)
    difference = tf.constant(np.random.default_rng(4).normal(size=(4, 5, D)))
    expected = tfd.kl_divergence(
        tfd.MultivariateNormalTriL(difference, tf.linalg.cholesky(first.covariance())),
        tfd.MultivariateNormalTriL(tf.zeros(D, tf.float64), tf.linalg.cholesky(second.covariance())),
    )
    np.testing.assert_allclose(normal_kl(difference, first, second), expected, rtol=1e-9)
    total = first.plus(second)
    np.testing.assert_allclose(total.covariance(), first.covariance() + second.covariance(), rtol=1e-9)
    assert total.triangular == (first.triangular or second.triangular)
