"""Zero-inflated gamma against the formulas of lfads-torch, its penalty and its scales."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from indl_vae.distributions.likelihoods import ZeroInflatedGammaLikelihood
from indl_vae.errors import ConfigError


def test_log_prob_and_mean(rng):
    likelihood = ZeroInflatedGammaLikelihood(3, gamma_loc=0.1, scale_init=4.0)
    likelihood.channel_scale.assign([[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]])
    x = np.where(rng.random((2, 50, 3)) < 0.4, 0.0, 0.1 + rng.gamma(2.0, size=(2, 50, 3))).astype("f4")
    pre = rng.normal(size=(2, 50, 9)).astype("f4")
    a, b, q = np.split(special.expit(pre.astype("f8")), 3, axis=-1)
    alpha, beta = a * [4.0, 5.0, 6.0], b * [1.0, 2.0, 3.0]
    oracle = np.where(
        x == 0, np.log(1 - q), np.log(q) + stats.gamma.logpdf(np.where(x == 0, 1.0, x - 0.1), alpha, scale=1 / beta)
    )
    raw = likelihood(pre)
    np.testing.assert_allclose(likelihood.log_prob(x, raw), oracle, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(likelihood.mean(raw), q * (alpha / beta + 0.1), rtol=1e-4)


def test_extreme_heads_are_kept_off_the_limits():
    likelihood = ZeroInflatedGammaLikelihood(1, scale_init=2.0)
    alpha, beta, logit = np.split(likelihood(np.full((1, 1, 3), -1e6, "f4")).numpy()[0, 0], 3)
    assert (alpha, beta, special.expit(logit)) == (pytest.approx(2e-5), pytest.approx(2e-5), pytest.approx(1e-5))
    logit = likelihood(np.full((1, 1, 3), 1e6, "f4")).numpy()[0, 0, 2]
    assert special.expit(logit) == pytest.approx(1 - 1e-5)


def test_penalty_is_a_loss_of_the_model():
    likelihood = ZeroInflatedGammaLikelihood(2, scale_init=3.0, scale_prior=1.0, scale_penalty=0.5)
    inputs = keras.Input((None, 6))
    model = keras.Model(inputs, likelihood(inputs))
    model(np.zeros((1, 4, 6), "f4"))
    assert float(tf.add_n(model.losses)) == pytest.approx(0.5 * 0.5 * 4 * (3.0 - 1.0) ** 2)
    plain = ZeroInflatedGammaLikelihood(2)
    plain(np.zeros((1, 4, 6), "f4"))
    assert plain.losses == []


@pytest.mark.parametrize("jit", [False, True])
def test_penalty_draws_the_scales_in_fit(jit):
    likelihood = ZeroInflatedGammaLikelihood(2, scale_init=3.0, scale_prior=1.0, scale_penalty=1.0)
    inputs = keras.Input((None, 6))
    model = keras.Model(inputs, likelihood(inputs))
    model.compile(keras.optimizers.SGD(0.5), loss=lambda target, raw: 0.0 * tf.reduce_sum(raw), jit_compile=jit)
    model.fit(np.zeros((2, 4, 6), "f4"), np.zeros(2), verbose=0)
    np.testing.assert_allclose(likelihood.channel_scale, 2.0, rtol=1e-5)


def test_a_scale_trained_below_zero_leaves_a_law():
    likelihood = ZeroInflatedGammaLikelihood(1)
    likelihood.channel_scale.assign([[-1.0], [-1.0]])
    raw = likelihood(np.zeros((1, 1, 3), "f4"))
    assert np.isfinite(likelihood.log_prob(np.ones((1, 1, 1)), raw)).all()


def test_values_below_the_shift_count_as_just_above_it():
    likelihood = ZeroInflatedGammaLikelihood(1, gamma_loc=0.5, scale_init=2.0, data_floor=0.01)
    got = likelihood.log_prob(np.array([[0.2], [0.51]]), likelihood(np.zeros((2, 3), "f4"))).numpy()
    np.testing.assert_allclose(got[0], got[1], rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale_init": 0.0}, "`scale_init` must be above 0, got 0.0"),
        ({"data_floor": -1.0}, "`data_floor` must be above 0, got -1.0"),
        ({"gamma_loc": -0.1}, "`gamma_loc` must be 0 or more, got -0.1"),
        ({"scale_penalty": -2.0}, "`scale_penalty` must be 0 or more, got -2.0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        ZeroInflatedGammaLikelihood(1, **options)
