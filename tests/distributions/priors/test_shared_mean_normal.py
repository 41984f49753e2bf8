"""Vectors that share an unknown mean: against the dense normal distribution."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import multivariate_normal

from indl_vae.distributions.priors import SharedMeanNormalPrior
from indl_vae.errors import ConfigError
from indl_vae.typing import Latent
from tests.distributions.helpers import make_latent


def dense(f, given=0.6, mean=0.8):
    """Log-density of f (S, D): each dimension has covariance given^2 I + mean^2 1 1'."""
    covariance = given**2 * np.eye(len(f)) + mean**2 * np.ones((len(f), len(f)))
    return sum(multivariate_normal.logpdf(column, np.zeros(len(f)), covariance) for column in f.T)


def test_the_density_is_that_of_the_dense_normal(rng):
    prior, latent = SharedMeanNormalPrior(3, 0.8, 0.6), make_latent(rng, (4, 5, 3))
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 1, 0, 1, 1], [1, 0, 0, 0, 0]], "f4")
    found = prior.log_ratio(latent, tf.constant(mask)).numpy()
    for i, counted in enumerate(mask > 0):
        sample, loc, scale = (np.asarray(part, "f8")[i][counted] for part in latent)
        log_q = np.sum(-0.5 * ((sample - loc) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi))
        assert found[i] == pytest.approx(log_q - dense(sample), rel=1e-4, abs=1e-4)
    chain = prior.distribution(latent).log_prob(latent.sample).numpy().sum(1)
    assert chain[0] == pytest.approx(dense(np.asarray(latent.sample, "f8")[0]), rel=1e-5)


def test_kl_is_the_mean_of_the_log_ratio(rng):
    prior, one = SharedMeanNormalPrior(2, 0.8, 0.6), make_latent(rng, (1, 3, 2))
    n = 20_000
    loc, scale = (np.repeat(np.asarray(part), n, 0) for part in (one.loc, one.scale))
    drawn = Latent(loc + scale * rng.normal(size=loc.shape).astype("f4"), loc, scale)
    ratio = prior.log_ratio(Latent(*map(tf.constant, drawn))).numpy()
    assert abs(ratio.mean() - float(prior.kl(one)[0])) < 4 * ratio.std() / np.sqrt(n)


@pytest.mark.parametrize("options", [{"mean_std": 0.0}, {"given_std": -1.0}])
def test_deviations_that_cannot_be(options):
    with pytest.raises(ConfigError, match="SharedMeanNormalPrior: expected deviations above 0"):
        SharedMeanNormalPrior(2, **options)


def test_without_vectors_there_is_no_law():
    with pytest.raises(ConfigError, match="SharedMeanNormalPrior.distribution: `latent` must be given"):
        SharedMeanNormalPrior(2).distribution()
