"""The AR(1) prior against the dense covariance of the chain, Monte Carlo and a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.distributions.priors import AR1Prior
from indl_vae.errors import ConfigError
from indl_vae.typing import Latent
from tests.distributions.helpers import covariance, gaussian_kl, make_latent, repeat, value_and_gradients

T, D = 7, 2
TAUS, NOISE_VARIANCES = np.array([10.0, 0.8]), np.array([0.1, 0.5])
MASKS = {
    "all": [1, 1, 1, 1, 1, 1, 1],
    "padded": [1, 1, 1, 1, 0, 0, 0],
    "late start": [0, 0, 1, 1, 1, 1, 1],
    "gaps": [0, 1, 0, 0, 1, 1, 0],
    "single": [0, 0, 0, 1, 0, 0, 0],
}


def make_prior(kl_sample, **options):
    prior = AR1Prior(D, kl_sample=kl_sample, **options)
    prior.logtaus.assign(np.log(TAUS))
    prior.lognvars.assign(np.log(NOISE_VARIANCES))
    return prior


def chain_covariance(n_bins: int = T) -> np.ndarray:
    """Returns the covariance (T*D, T*D) of the stationary chains, bins outermost."""
    lags = np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    alphas = np.exp(-1 / TAUS)
    dense = np.zeros((n_bins, D, n_bins, D))
    for d in range(D):
        dense[:, d, :, d] = NOISE_VARIANCES[d] / (1 - alphas[d] ** 2) * alphas[d] ** lags
    return dense.reshape(n_bins * D, n_bins * D)


def dense_kl(latent: Latent, mask: list[int]) -> float:
    """Returns the KL of the first trial's counted bins from the chain's marginal law over them."""
    kept = np.flatnonzero(mask)
    blocks = covariance(latent)[0]
    cov_q = np.zeros((T, D, T, D))
    cov_q[np.arange(T), :, np.arange(T), :] = blocks
    index = (kept[:, None] * D + np.arange(D)).ravel()
    cov_q, cov_p = (dense.reshape(T * D, T * D)[np.ix_(index, index)] for dense in (cov_q, chain_covariance()))
    mean = latent.loc.numpy()[0].reshape(-1)[index].astype(np.float64)
    return float(gaussian_kl(mean, cov_q, np.zeros_like(mean), cov_p))


@pytest.mark.parametrize("triangular", [False, True], ids=["diag", "tril"])
@pytest.mark.parametrize("mask", MASKS)
def test_analytic_kl_is_that_of_the_dense_chain(rng, mask, triangular):
    latent = make_latent(rng, (1, T, D), triangular)
    got = make_prior("analytic").kl(latent, tf.constant([MASKS[mask]], tf.float32)).numpy()
    np.testing.assert_allclose(got, [dense_kl(latent, MASKS[mask])], rtol=2e-5)


@pytest.mark.parametrize("kl_sample", ["same", "fresh"])
@pytest.mark.parametrize("triangular", [False, True], ids=["diag", "tril"])
@pytest.mark.parametrize("mask", ["all", "gaps"])
def test_sampled_kl_is_unbiased(rng, kl_sample, triangular, mask):
    latent = make_latent(rng, (1, T, D), triangular)
    many = repeat(latent, 40_000, rng)
    values = make_prior(kl_sample, seed=1).kl(many, tf.constant([MASKS[mask]] * 40_000, tf.float32)).numpy()
    error = values.std() / math.sqrt(len(values))
    assert abs(values.mean() - dense_kl(latent, MASKS[mask])) < 4 * error


def test_same_sample_against_a_loop(rng):
    """TF1 LFADS: log q(u_t) - log p(u_t | u_(t-1)) at the very sample, the first bin with the stationary variance."""
    latent = make_latent(rng, (3, T, D))
    z, m, s = (part.numpy().astype(np.float64) for part in latent)
    log_normal = lambda x, mean, var: -0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var)  # noqa: E731
    alphas, total = np.exp(-1 / TAUS), np.zeros(3)
    for t in range(T):
        mean = alphas * z[:, t - 1] if t else 0.0
        var = NOISE_VARIANCES if t else NOISE_VARIANCES / (1 - alphas**2)
        total += (log_normal(z[:, t], m[:, t], s[:, t] ** 2) - log_normal(z[:, t], mean, var)).sum(-1)
    np.testing.assert_allclose(make_prior("same").kl(latent), total, rtol=1e-5)


def test_fresh_draws_differ_from_call_to_call_and_ignore_the_sample(rng):
    latent = make_latent(rng, (3, T, D))
    moved = latent._replace(sample=latent.sample + 5.0)
    prior, twin = make_prior("fresh", seed=4), make_prior("fresh", seed=4)
    first = prior.kl(latent).numpy()
    assert not np.array_equal(first, prior.kl(latent))
    np.testing.assert_array_equal(first, twin.kl(moved))


def test_distribution_is_the_conditional_law(rng):
    latent = make_latent(rng, (3, T, D))
    law = make_prior("same").distribution(latent)
    assert law.batch_shape == (3, T) and law.event_shape == (D,)
    alphas = np.exp(-1 / TAUS)
    np.testing.assert_allclose(law.loc[:, 1:], alphas * latent.sample.numpy()[:, :-1], rtol=1e-5)
    np.testing.assert_array_equal(law.loc[:, 0], np.zeros((3, D)))
    np.testing.assert_allclose(law.variance()[0, 1], NOISE_VARIANCES, rtol=1e-5)
    np.testing.assert_allclose(law.variance()[0, 0], NOISE_VARIANCES / (1 - alphas**2), rtol=1e-5)


def test_without_a_latent_the_stationary_law():
    """tau 10 and noise 0.1 give the deviation 0.235, not the 0.552 of codes that take a deviation for a variance."""
    law = AR1Prior(1, tau=10.0, noise_std=0.1).distribution()
    assert law.stddev().numpy() == pytest.approx(0.2349, abs=1e-4)


@pytest.mark.parametrize("tau", [1e-3, 1e4])
def test_extreme_time_constants_stay_finite(rng, tau):
    for kl_sample in ("same", "analytic"):
        prior, latent = AR1Prior(D, tau=tau, kl_sample=kl_sample), make_latent(rng, (3, T, D))
        value, gradients = value_and_gradients(lambda p=prior, q=latent: p.kl(q), prior.weights, jit=False)
        assert np.isfinite(value).all() and all(np.isfinite(one).all() for one in gradients)
    variance = prior.distribution().variance().numpy()
    np.testing.assert_allclose(variance, 0.01 / -np.expm1(-2 / tau), rtol=1e-5)


def test_samples_have_the_covariance_of_the_chain():
    draws = make_prior("same").sample(40_000, T, seed=2).numpy().reshape(40_000, -1)
    np.testing.assert_allclose(np.cov(draws.T), chain_covariance(), atol=0.03)


@pytest.mark.parametrize("train_tau", [False, True])
@pytest.mark.parametrize("train_var", [False, True])
def test_weights_carry_the_published_names_and_switches(train_tau, train_var):
    prior = AR1Prior(3, tau=10.0, noise_std=math.sqrt(0.1), train_tau=train_tau, train_var=train_var)
    assert [weight.name for weight in prior.trainable_weights] == ["logtaus"] * train_tau + ["lognvars"] * train_var
    assert {weight.name for weight in prior.weights} == {"logtaus", "lognvars"}
    np.testing.assert_allclose(prior.logtaus, math.log(10.0), rtol=1e-6)
    np.testing.assert_allclose(prior.lognvars, math.log(0.1), rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau": 0.0}, "`tau` must be above 0 bins, got 0.0"),
        ({"noise_std": -1.0}, "`noise_std` must be above 0, got -1.0"),
        ({"kl_sample": "twice"}, "`kl_sample` must be one of .*'analytic'.*got 'twice'"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        AR1Prior(2, **options)
