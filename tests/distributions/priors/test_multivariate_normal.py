"""The static normal prior against dense algebra and TFP; its start, bounds and switches."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.priors import MultivariateNormalPrior
from indl_vae.errors import ConfigError
from tests.distributions.helpers import covariance, gaussian_kl, make_latent

tfd = tfp.distributions


@pytest.mark.parametrize("triangular", [False, True], ids=["q diag", "q tril"])
@pytest.mark.parametrize("off_diag", [False, True], ids=["p diag", "p tril"])
def test_kl_against_dense_algebra(rng, triangular, off_diag):
    prior = MultivariateNormalPrior(3, init_loc=0.2, init_std=0.6, off_diag=off_diag)
    for weight in prior.weights:
        weight.assign(weight + rng.normal(size=weight.shape) * 0.5)
    latent = make_latent(rng, (5, 3), triangular)
    law = prior.distribution()
    oracle = gaussian_kl(latent.loc.numpy(), covariance(latent), law.loc.numpy(), law.covariance().numpy())
    np.testing.assert_allclose(prior.kl(latent), oracle, rtol=1e-4)


def test_kl_against_tfp(rng):
    latent = make_latent(rng, (5, 3))
    oracle = tfd.kl_divergence(
        tfd.MultivariateNormalDiag(latent.loc, latent.scale), tfd.MultivariateNormalDiag(tf.zeros(3), tf.ones(3))
    )
    np.testing.assert_allclose(MultivariateNormalPrior(3).kl(latent), oracle, rtol=1e-6)


def test_kl_of_lfads_initial_condition(rng):
    """LFADS writes 1/2 sum [log s_p^2 - log s_q^2 + (s_q^2 + (m_q - m_p)^2) / s_p^2 - 1] with s_p^2 = 0.1."""
    prior = MultivariateNormalPrior(3, init_std=math.sqrt(0.1), train_var=False)
    latent = make_latent(rng, (5, 3))
    m, v = latent.loc.numpy(), latent.scale.numpy() ** 2
    np.testing.assert_allclose(
        prior.kl(latent), 0.5 * np.sum(np.log(0.1) - np.log(v) + (v + m**2) / 0.1 - 1, -1), rtol=1e-5
    )
    assert [weight.name for weight in prior.trainable_weights] == ["loc"]


@pytest.mark.parametrize("options", [{}, {"off_diag": True}, {"var_min": 1e-3, "var_max": 2.0}])
@pytest.mark.parametrize("init_std", [0.1, 1.0])
def test_starts_at_the_given_mean_and_deviation(options, init_std):
    law = MultivariateNormalPrior(4, init_loc=0.0, init_std=init_std, **options).distribution()
    np.testing.assert_array_equal(law.loc, np.zeros(4))
    np.testing.assert_allclose(law.covariance(), np.eye(4) * init_std**2, rtol=2e-6, atol=0)


def test_unit_deviation_is_exact():
    np.testing.assert_array_equal(MultivariateNormalPrior(4).scale, np.ones(4))


@pytest.mark.parametrize("push", [-60.0, 60.0])
def test_bounded_variance_stays_between_its_bounds(push):
    prior = MultivariateNormalPrior(2, init_std=math.sqrt(0.1), var_min=0.05, var_max=0.2)
    prior.raw_var.assign([push, push])
    assert prior.scale.numpy() ** 2 == pytest.approx(0.05 if push < 0 else 0.2)


@pytest.mark.parametrize("init_std", [0.1, math.sqrt(0.1), 3.0])
def test_two_exponentials_of_tf1(init_std):
    prior = MultivariateNormalPrior(2, init_std=init_std, var_min=0.1, var_max=0.4, tf1_compat=True)
    expected = 0.1 + 0.3 / (1.0 + math.exp(-(init_std**2)))
    np.testing.assert_allclose(prior.distribution().variance(), expected, rtol=1e-5)


def test_equal_bounds_are_no_bounds():
    prior = MultivariateNormalPrior(2, init_std=math.sqrt(0.1), var_min=0.1, var_max=0.1)
    prior.raw_var.assign([3.0, 3.0])
    np.testing.assert_allclose(prior.scale, math.exp(1.5), rtol=1e-6)


@pytest.mark.parametrize("train_mean", [False, True])
@pytest.mark.parametrize("train_var", [False, True])
def test_switches_of_training(train_mean, train_var):
    prior = MultivariateNormalPrior(2, train_mean=train_mean, train_var=train_var, off_diag=True)
    expected = ["loc"] * train_mean + ["raw_var", "lower"] * train_var
    assert [weight.name for weight in prior.trainable_weights] == expected
    assert len(prior.weights) == 3


def test_one_latent_may_be_declared_off_diagonal(rng):
    prior = MultivariateNormalPrior(1, off_diag=True, init_std=0.5)
    latent = make_latent(rng, (5, 1))
    np.testing.assert_allclose(prior.kl(latent), MultivariateNormalPrior(1, init_std=0.5).kl(latent), rtol=1e-5)
    assert prior.sample(4).shape == (4, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"init_std": 0.0}, "`init_std` must be above 0, got 0.0"),
        ({"var_min": 0.2, "var_max": 0.1}, "0 <= `var_min` <= `var_max` must hold, got 0.2 and 0.1"),
        ({"var_min": -0.2}, "0 <= `var_min`"),
        ({"var_max": 0.5}, "must lie between `var_min` = 0 and `var_max` = 0.5; move a bound"),
        ({"var_max": 2.0, "off_diag": True}, "bounds on the variance need a diagonal scale"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        MultivariateNormalPrior(2, **options)
