"""Normals with diagonal and triangular scales against dense algebra."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from indl_vae.distributions.gaussian import (
    gaussian,
    has_triangular_scale,
    log_det_scale,
    marginal_variance,
    reparameterize,
)
from tests.distributions.helpers import covariance, make_latent


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
