"""The recurrent prior against a loop over its cell and Monte Carlo."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.priors import RecurrentNormalPrior
from indl_vae.errors import ConfigError
from indl_vae.layers import random
from tests.distributions.helpers import covariance, gaussian_kl, make_latent, repeat

tfd = tfp.distributions
T, D = 5, 2


def shaken(rng, **options):
    prior = RecurrentNormalPrior(D, 4, **{"init_std": 0.6, **options})
    for weight in prior.weights:
        weight.assign(weight + rng.normal(size=weight.shape) * 0.5)
    return prior


@pytest.mark.parametrize("cell_type", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("triangular", [False, True], ids=["diag", "tril"])
def test_teacher_forced_kl_against_a_loop(rng, cell_type, triangular):
    prior, latent = shaken(rng, cell_type=cell_type), make_latent(rng, (3, T, D), triangular)
    sample, state = prior.cell.zero_state([3])
    total = np.zeros(3)
    for t in range(T):
        law, state = prior.cell(sample, state)
        total += gaussian_kl(
            latent.loc.numpy()[:, t], covariance(latent)[:, t], law.loc.numpy(), law.covariance().numpy()
        )
        sample = latent.sample[:, t]
    np.testing.assert_allclose(prior.kl(latent), total, rtol=1e-4)


def test_teacher_forced_kl_is_the_chain_rule(rng):
    """Averaged over samples it equals E[log q(z) - log p(z)], the KL of the whole sequence."""
    prior = shaken(rng)
    many = repeat(make_latent(rng, (1, T, D)), 20_000, rng)
    log_p = tf.reduce_sum(prior.distribution(many).log_prob(many.sample), axis=1)
    log_q = tf.reduce_sum(tfd.MultivariateNormalDiag(many.loc, many.scale).log_prob(many.sample), axis=1)
    sampled, closed = (log_q - log_p).numpy(), prior.kl(many).numpy()
    assert closed.std() < sampled.std(), "the closed form per bin takes noise away"
    error = math.hypot(sampled.std(), closed.std()) / math.sqrt(len(sampled))
    assert abs(sampled.mean() - closed.mean()) < 4 * error


def test_free_running_kl_against_a_loop(rng):
    prior, latent = shaken(rng, mode="free_running", seed=9), make_latent(rng, (3, T, D))
    noise = tf.transpose(random.normal((3, T, D), keras.random.SeedGenerator(9)), [1, 0, 2])
    sample, state = prior.cell.zero_state([3])
    total = np.zeros(3)
    for t in range(T):
        law, state = prior.cell(sample, state)
        total += tfd.kl_divergence(tfd.MultivariateNormalDiag(latent.loc[:, t], latent.scale[:, t]), law).numpy()
        sample = law.loc + law.scale.diag * noise[t]
    np.testing.assert_allclose(prior.kl(latent), total, rtol=1e-4)
    assert not np.allclose(prior.kl(latent), total), "each call runs a path of its own"


def test_the_cell_owns_all_weights():
    prior = RecurrentNormalPrior(D, 4, "GRU")
    assert {id(weight) for weight in prior.weights} == {id(weight) for weight in prior.cell.weights}
    assert prior.count_params() == 3 * (2 * 4 + 4 * 4 + 4) + 2 * (4 * 2 + 2)


def test_first_bin_has_the_initial_deviation(rng):
    law = RecurrentNormalPrior(D, 4, init_std=0.1).distribution(make_latent(rng, (3, T, D)))
    assert law.batch_shape == (3, T)
    np.testing.assert_allclose(law.stddev()[:, 0], 0.10001, rtol=1e-5)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("mode", ["teacher_forced", "free_running"])
def test_trains_in_a_model_of_any_length(rng, jit, mode):
    prior = RecurrentNormalPrior(D, 4, mode=mode, seed=1)
    loc, scale = keras.Input((None, D)), keras.Input((None, D))
    model = keras.Model([loc, scale], prior([loc, loc, keras.ops.softplus(scale)]))
    model.compile("adam", loss=lambda target, kl: kl, jit_compile=jit)
    before = [weight.numpy() for weight in model.trainable_weights]
    for n_bins in (4,) if jit else (4, 6):
        data = [rng.normal(size=(8, n_bins, D)).astype("f4") for _ in range(2)]
        model.fit(data, np.zeros(8), epochs=1, verbose=0)
    assert all(not np.array_equal(old, new) for old, new in zip(before, model.trainable_weights, strict=True))


def test_law_of_a_bin_needs_the_bins_before():
    with pytest.raises(ConfigError, match=r"`latent` must be given.*use sample\(\)"):
        RecurrentNormalPrior(D, 4).distribution()


def test_options_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="`mode` must be one of .*'free_running'.*got 'open_loop'"):
        RecurrentNormalPrior(D, 4, mode="open_loop")
    with pytest.raises(ConfigError, match="`cell_type` must be one of .*got 'conv'"):
        RecurrentNormalPrior(D, 4, "conv")
