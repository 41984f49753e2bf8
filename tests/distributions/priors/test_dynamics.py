"""The dynamical prior against the formulas of the published fit, step by step in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.distributions.priors import DynamicsPrior
from indl_vae.errors import ConfigError
from indl_vae.layers import ClippedDendriticStep, PlainStep
from indl_vae.typing import Latent


def log_prior(prior, z, inputs, rows):
    """ll_z of section 3 of the published objective, times the number of bins: a loop over trials and bins."""
    r0, r = prior.start_std.numpy().astype(float), prior.noise_std.numpy().astype(float)
    table, total = prior.start.numpy(), []
    for n in range(len(z)):
        n_bins, dim = z[n].shape
        value = -0.5 * (((table[rows[n]] - z[n, 0]) / r0) ** 2).sum() - np.log(r0).sum()
        for t in range(1, n_bins):
            s = None if inputs is None else inputs[n : n + 1, t]
            new = prior.step(z[n : n + 1, t - 1].astype("f4"), s).numpy()[0]
            value -= 0.5 * (((z[n, t] - new) / r) ** 2).sum()
        total.append(value - (n_bins - 1) * np.log(r).sum() - 0.5 * dim * n_bins * np.log(2 * np.pi))
    return np.array(total)


def shaken(prior, rng):
    for weight in prior.weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    return prior


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 10**6),
    n_bins=st.integers(1, 6),
    dim=st.integers(1, 4),
    n_inputs=st.integers(0, 2),
    n_rows=st.integers(1, 3),
)
def test_log_density_and_kl_are_those_of_the_formula(seed, n_bins, dim, n_inputs, n_rows):
    rng = np.random.default_rng(seed)
    prior = shaken(DynamicsPrior(dim, ClippedDendriticStep(dim, 2, input_dim=n_inputs, seed=seed), n_rows), rng)
    z, loc, scale = (
        rng.normal(size=(2, n_bins, dim)),
        rng.normal(size=(2, n_bins, dim)),
        np.exp(rng.normal(size=(2, n_bins, dim))),
    )
    inputs = rng.normal(size=(2, n_bins, n_inputs)).astype("f4") if n_inputs else None
    rows = rng.integers(n_rows, size=2)
    expected = log_prior(prior, z, inputs, rows)
    latent = Latent(*(tf.constant(one, tf.float32) for one in (z, loc, scale)))
    told = {"inputs": inputs, "sequence": tf.constant(rows, tf.float32)}
    np.testing.assert_allclose(prior.log_prob(latent.sample, **told), expected, rtol=1e-3, atol=1e-2)
    entropy = np.log(scale).sum((1, 2)) + 0.5 * dim * n_bins * (1 + np.log(2 * np.pi))
    np.testing.assert_allclose(prior(latent, **told), -entropy - expected, rtol=1e-3, atol=1e-2)
    density = (-0.5 * ((z - loc) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi)).sum((1, 2))
    np.testing.assert_allclose(prior(latent, **told, log_ratio=True), density - expected, rtol=1e-3, atol=1e-2)


def test_the_kl_is_the_mean_of_log_ratios(rng):
    """Over draws of q, `-H(q) - log p` and `log q - log p` have the same mean, the KL."""
    prior = shaken(DynamicsPrior(2, ClippedDendriticStep(2, 3, seed=1)), rng)
    loc, scale = rng.normal(size=(1, 4, 2)), np.full((1, 4, 2), 0.5)
    noise = rng.normal(size=(20_000, 4, 2))
    latent = Latent(*(tf.constant(one * np.ones_like(noise), tf.float32) for one in (loc + scale * noise, loc, scale)))
    kl, ratio = (prior(latent, log_ratio=which).numpy().astype(float) for which in (False, True))
    error = np.sqrt((kl.var() + ratio.var()) / len(noise))
    assert kl.mean() == pytest.approx(ratio.mean(), abs=4 * error)


def test_an_unknown_trial_starts_from_the_distribution_of_all_rows(rng):
    prior = shaken(DynamicsPrior(2, PlainStep(2, seed=1), n_rows=400), rng)
    drawn = prior.sample_start(40_000, seed=3).numpy()
    rows = prior.start.numpy()
    np.testing.assert_allclose(drawn.mean(0), rows.mean(0), atol=0.05)
    np.testing.assert_allclose(drawn.var(0), rows.var(0) + prior.start_std.numpy() ** 2, rtol=0.05)
    z = tf.constant(rng.normal(size=(2, 3, 2)), tf.float32)
    np.testing.assert_allclose(prior.log_prob(z, sequence=tf.constant([-1.0, 4000.0])), prior.log_prob(z), rtol=1e-6)
    assert not np.allclose(prior.log_prob(z, sequence=tf.constant([0.0, 5.0])), prior.log_prob(z))


def test_a_free_run_repeats_the_step_without_its_start(rng):
    step = ClippedDendriticStep(2, 3, input_dim=1, seed=1)
    prior, z = DynamicsPrior(2, step), rng.normal(size=(3, 2)).astype("f4")
    inputs = rng.normal(size=(3, 5, 1)).astype("f4")
    states = prior.roll_out(z, 5, inputs).numpy()
    for t in range(5):
        z = step(z, inputs[:, t]).numpy()
        np.testing.assert_allclose(states[:, t], z, rtol=1e-4, atol=1e-5)


def test_deviations_start_at_one_and_stay_positive():
    prior = DynamicsPrior(2, PlainStep(2))
    np.testing.assert_allclose(prior.noise_std, 1.0, rtol=1e-3)
    prior.raw_noise_std.assign([-1e4, -50.0])
    assert (prior.noise_std.numpy() > 0).all()


def test_a_step_of_another_size_is_refused():
    with pytest.raises(ConfigError, match="`step` must be one of dim = 3 states, got one of 2"):
        DynamicsPrior(3, PlainStep(2))
    with pytest.raises(ConfigError, match="`n_rows` must be at least 1, got 0"):
        DynamicsPrior(2, PlainStep(2), n_rows=0)
    with pytest.raises(ConfigError, match="`latent` must be given"):
        DynamicsPrior(2, PlainStep(2)).distribution()
