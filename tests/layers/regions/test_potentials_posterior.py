"""The smoother against exact evidence of linear systems, Monte Carlo, and padding."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.layers import PotentialsPosterior, RegionDynamics, SwitchingDynamics, SwitchingStart
from indl_vae.layers.regions import DiscreteTransition
from tests.layers.regions.test_rolled_posterior import make_system

B, T, D, U, SEEN = 3, 6, 4, 2, 0.4


def linear_system():
    """Two regions that drive one another linearly, with one discrete state."""
    dynamics = RegionDynamics(2, 2, 1, 0, (), (None,), seed=2)
    return SwitchingDynamics(dynamics, DiscreteTransition(1), SwitchingStart(1, D, seed=3), noise_std=0.3)


def exact_evidence(system, y):
    dynamics = system.dynamics
    offset = dynamics(tf.zeros((1, D))).mean[0, 0]
    matrix = tf.transpose(dynamics(tf.eye(D)).mean[:, 0] - offset)
    model = tfp.distributions.LinearGaussianStateSpaceModel(
        y.shape[1],
        matrix,
        tfp.distributions.MultivariateNormalDiag(offset, system.noise.scale.factor),
        tf.eye(D),
        tfp.distributions.MultivariateNormalDiag(tf.zeros(D), SEEN * tf.ones(D)),
        tfp.distributions.MultivariateNormalDiag(tf.convert_to_tensor(system.start.mean)[0], system.start.scale.factor),
    )
    return model.log_prob(y), model.posterior_marginals(y)[0]


def bound(path, y):
    return tf.reduce_sum(tfp.distributions.Normal(path.sample, SEEN).log_prob(y), (1, 2)) - path.log_ratio


def test_the_bound_is_the_evidence_of_a_linear_system_at_every_draw():
    system = linear_system()
    y = tf.constant(np.random.default_rng(0).normal(size=(B, T, D)), tf.float32)
    posterior = PotentialsPosterior(system, seed=1)
    path = posterior(y / SEEN**2, tf.fill((B, T, D), 1.0 / SEEN**2), training=True)
    evidence, means = exact_evidence(system, y)
    np.testing.assert_allclose(bound(path, y), evidence, rtol=1e-4)
    np.testing.assert_allclose(path.loc, means, rtol=1e-3, atol=1e-4)
    worse = posterior(1.3 * y / SEEN**2, tf.fill((B, T, D), 2.0 / SEEN**2), training=True)
    many = [bound(posterior(1.3 * y / SEEN**2, tf.fill((B, T, D), 2.0 / SEEN**2), training=True), y) for _ in range(50)]
    assert (np.mean(many, 0) < evidence.numpy()).all() and np.abs(bound(worse, y) - evidence).max() > 0.1


def draw_potentials(n_trials=B, n_bins=T, seed=0):
    rng = np.random.default_rng(seed)
    arrays = rng.normal(size=(n_trials, n_bins, D)), rng.uniform(0.5, 2.0, (n_trials, n_bins, D))
    return [tf.constant(part, tf.float32) for part in (*arrays, rng.normal(size=(n_trials, n_bins, U)))]


@pytest.mark.parametrize("triangular", [False, True])
def test_the_closed_form_is_the_mean_of_the_ratios(triangular):
    posterior = PotentialsPosterior(make_system(2, triangular), seed=3)
    path = posterior(*[tf.repeat(part[:1], 3000, 0) for part in draw_potentials()], training=True)
    gap = path.log_ratio - path.kl
    assert abs(tf.reduce_mean(gap)) < 4.0 * tf.math.reduce_std(gap) / 3000**0.5
    np.testing.assert_allclose(tf.reduce_mean(path.sample, 0), path.loc[0], atol=0.06)


def test_padding_changes_nothing():
    posterior = PotentialsPosterior(make_system(), seed=3)
    parts = draw_potentials()
    longer = [tf.concat([part, 3.0 + tf.zeros_like(part[:, :2])], 1) for part in parts]
    steps = tf.concat([tf.ones((B, T)), tf.zeros((B, 2))], 1)
    short, padded = posterior(*parts), posterior(*longer, steps)
    np.testing.assert_allclose(padded.kl, short.kl, rtol=1e-4)
    np.testing.assert_allclose(padded.loc[:, :T], short.loc, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("n_trials", "n_bins"), [(1, 6), (3, 1), (3, 2)])
def test_one_trial_and_one_bin(n_trials, n_bins):
    path = PotentialsPosterior(make_system(), seed=3)(*draw_potentials(n_trials, n_bins), training=True)
    assert path.sample.shape == (n_trials, n_bins, D) and np.isfinite(path.kl).all()


def test_more_sweeps_find_the_better_path():
    parts, system = draw_potentials(seed=4), make_system(1)
    once, often, oftener = (PotentialsPosterior(system, sweeps, seed=3)(*parts).loc for sweeps in (1, 6, 7))
    assert np.abs(often - oftener).max() < 0.2 * np.abs(once - oftener).max()
