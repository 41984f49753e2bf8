"""Normals with diagonal and triangular scales against dense algebra."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from scipy import stats

from indl_vae.distributions.gaussian import (
    gaussian,
    has_triangular_scale,
    log_density,
    log_det_scale,
    marginal_variance,
    reparameterize,
)
from tests.distributions.helpers import covariance, make_latent

tfd = tfp.distributions


@pytest.mark.parametrize("triangular", [False, True], ids=["diag", "tril"])
@pytest.mark.parametrize("shape", [(2, 3), (2, 4, 3)], ids=["static", "dynamic"])
def test_against_dense_covariances(rng, shape, triangular):
    latent = make_latent(rng, shape, triangular)
    dense = covariance(latent)
    assert has_triangular_scale(latent.loc, latent.scale) is triangular
    np.testing.assert_allclose(
        marginal_variance(latent.loc, latent.scale), np.diagonal(dense, axis1=-2, axis2=-1), rtol=1e-5
    )
    np.testing.assert_allclose(log_det_scale(latent.loc, latent.scale), 0.5 * np.linalg.slogdet(dense)[1], atol=1e-5)
    law = gaussian(latent.loc, latent.scale)
    assert law.batch_shape == shape[:-1] and law.event_shape == shape[-1:]
    first = (0,) * (len(shape) - 1)
    oracle = stats.multivariate_normal(latent.loc.numpy()[first], dense[first]).logpdf(latent.sample.numpy()[first])
    np.testing.assert_allclose(law.log_prob(latent.sample).numpy()[first], oracle, rtol=1e-4)


def test_reparameterized_draws_have_the_covariance(rng):
    latent = make_latent(rng, (1, 3), triangular=True)
    loc, scale = (np.repeat(part.numpy(), 40_000, axis=0) for part in (latent.loc, latent.scale))
    draws = reparameterize(loc, scale, rng.normal(size=loc.shape).astype("f4")).numpy()
    np.testing.assert_allclose(np.cov(draws.T), covariance(latent)[0], atol=0.04)


@pytest.mark.parametrize("triangular", [False, True], ids=["diag", "tril"])
@pytest.mark.parametrize("shape", [(2, 3), (2, 4, 3)], ids=["static", "dynamic"])
def test_log_density_against_dense_covariances_and_tfp(rng, shape, triangular):
    latent = make_latent(rng, shape, triangular)
    law, x = gaussian(latent.loc, latent.scale), rng.normal(size=shape).astype("float32")
    dense, mean = covariance(latent).reshape(-1, 3, 3), np.asarray(latent.loc).reshape(-1, 3)
    expected = [
        stats.multivariate_normal(m, c).logpdf(value) for m, c, value in zip(mean, dense, x.reshape(-1, 3), strict=True)
    ]
    found = np.asarray(log_density(law, x))
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-4)
    np.testing.assert_allclose(found, law.log_prob(x), rtol=1e-5)


def test_log_density_of_one_law_for_all_bins_and_of_other_laws(rng):
    x = rng.normal(size=(2, 4, 3)).astype("float32")
    one = gaussian(tf.constant([0.5, -1.0, 2.0]), tf.constant([1.0, 0.3, 2.0]))
    np.testing.assert_allclose(log_density(one, x), one.log_prob(x), rtol=1e-5)
    other = tfd.Independent(tfd.Laplace(tf.zeros(3), 1.0), 1)
    np.testing.assert_array_equal(log_density(other, x), other.log_prob(x))
