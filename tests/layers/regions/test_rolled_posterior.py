"""The structured roll-out against enumeration, Monte Carlo and exact evidence."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.errors import ConfigError
from indl_vae.inference.additive_rollout import additive_rollout
from indl_vae.inference.fused import fused, times
from indl_vae.inference.scale import Scale, entropy
from indl_vae.layers import (
    DiscreteTransition,
    PathKL,
    RegionDynamics,
    RolledPosterior,
    SwitchingDynamics,
    SwitchingStart,
    sampling_scope,
)
from indl_vae.layers.regions import rolled_posterior

tfd = tfp.distributions
B, T, R, D, U = 3, 6, 2, 4, 2


def make_system(n_states=2, triangular=False, correction_dim=0, **transition):
    given = {"dim": D, "input_dim": U, "units": 5} | transition
    return SwitchingDynamics(
        RegionDynamics(R, 2, n_states, U, (5,), ("tanh", None), correction_dim=correction_dim, seed=1),
        DiscreteTransition(n_states, seed=1, **given),
        SwitchingStart(n_states, D, triangular, seed=1),
        triangular,
        noise_std=0.3,
    )


def draw(triangular=False, seed=0):
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.1, 0.3, (B, T, D))
    if triangular:
        scale = np.tril(rng.normal(size=(B, T, D, D)) * 0.1, -1) + np.eye(D) * scale[..., None]
    arrays = 0.3 * rng.normal(size=(B, T, D)), scale, rng.normal(size=(B, T, U)), rng.normal(size=(B, T, 2))
    return [tf.constant(array, tf.float32) for array in arrays]


def enumerate_states(potentials):
    """Returns log p(path) `(B,)`, summed over all sequences of discrete states."""
    start, matrix, density = (np.asarray(part) for part in potentials)
    matrix = np.broadcast_to(matrix, (B, T - 1, *matrix.shape[-2:]))
    logs = []
    for states in itertools.product(range(start.shape[-1]), repeat=T):
        total = start[:, states[0]] + density[:, 0, states[0]]
        for t in range(1, T):
            total = total + matrix[:, t - 1, states[t - 1], states[t]] + density[:, t, states[t]]
        logs.append(total)
    return np.logaddexp.reduce(np.stack(logs), 0)


@pytest.mark.parametrize("correction", ["additive", "gain"])
@pytest.mark.parametrize("triangular", [False, True])
@pytest.mark.parametrize("transition", [{}, {"dim": 0, "input_dim": 0}])
def test_the_sum_over_states_is_exact(triangular, transition, correction):
    system = make_system(triangular=triangular, **transition)
    posterior = RolledPosterior(system, correction, seed=3)
    loc, scale, u, _ = draw()
    path = posterior(loc, scale, u, training=True)
    parts = posterior._corrections(loc, Scale(scale))
    own = sum(tf.reduce_sum(entropy(part.scale), 1) for part in parts)
    np.testing.assert_allclose(path.kl, -own - enumerate_states(system(path.sample, u)), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(tf.reduce_sum(path.state_probs, -1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("correction", ["additive", "gain"])
@pytest.mark.parametrize(
    ("n_states", "triangular", "correction_dim", "given"),
    [(1, False, 0, False), (1, True, 2, False), (2, False, 2, True), (2, True, 0, True)],
)
def test_closed_forms_are_the_means_of_the_ratios(n_states, triangular, correction_dim, given, correction):
    posterior = RolledPosterior(make_system(n_states, triangular, correction_dim), correction, seed=3)
    loc, scale, u, logits = draw(triangular)
    repeated = [tf.repeat(part[:1], 4000, 0) for part in (loc, scale, u, logits)]
    path = posterior(*repeated[:3], None, repeated[3] if given else None, training=True)
    gap = path.log_ratio - path.kl
    assert abs(tf.reduce_mean(gap)) < 4.0 * tf.math.reduce_std(gap) / 4000**0.5
    assert tf.reduce_min(path.kl) > 0


@pytest.mark.parametrize(("correction", "deviation"), [("additive", 1e-8), ("gain", 1e6)])
@pytest.mark.parametrize("triangular", [False, True])
def test_an_encoder_that_says_nothing_leaves_the_prior(correction, deviation, triangular):
    posterior = RolledPosterior(make_system(1, triangular), correction, seed=3)
    _, _, u, _ = draw()
    path = posterior(tf.zeros((B, T, D)), tf.fill((B, T, D), deviation), u, training=True)
    np.testing.assert_allclose(path.kl, 0.0, atol=1e-3)


def test_an_encoder_that_is_certain_is_believed():
    posterior = RolledPosterior(make_system(2), "gain", seed=3)
    loc, _, u, _ = draw()
    path = posterior(loc, tf.fill((B, T, D), 1e-4), u, training=True)
    np.testing.assert_allclose(path.sample, loc, atol=1e-3)


@pytest.mark.parametrize("triangular", [False, True])
def test_the_gain_is_that_of_the_product_of_two_normals(triangular):
    rng = np.random.default_rng(0)
    own = np.tril(rng.normal(size=(3, 2, 2))) + 2.0 * np.eye(2)
    prior = np.tril(rng.normal(size=(2, 2))) + 2.0 * np.eye(2)
    if not triangular:
        own, prior = (np.apply_along_axis(np.diag, -1, np.diagonal(one, axis1=-2, axis2=-1)) for one in (own, prior))
    m, f = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    precisions = [np.linalg.inv(one @ np.swapaxes(one, -1, -2)) for one in (prior, own)]
    covariance = np.linalg.inv(precisions[0] + precisions[1])
    mean = (covariance @ (precisions[0] @ f[..., None] + precisions[1] @ m[..., None]))[..., 0]
    as_scale = lambda one: Scale(  # noqa: E731
        tf.constant(one if triangular else np.diagonal(one, axis1=-2, axis2=-1), tf.float32), triangular
    )
    product = fused(as_scale(prior), tf.constant(m, tf.float32), as_scale(own))
    np.testing.assert_allclose(times(product.kept, tf.constant(f, tf.float32)) + product.added, mean, rtol=1e-4)
    np.testing.assert_allclose(product.scale.covariance(), covariance, rtol=1e-4, atol=1e-6)


ROLL_OUTS = [
    (1, "additive", False, False),
    (1, "gain", True, False),
    (2, "gain", False, False),
    (2, "gain", False, True),
]


@pytest.mark.parametrize(
    ("n_states", "correction", "triangular", "given", "jit"),
    [
        *((*one, False) for one in ROLL_OUTS),
        (*ROLL_OUTS[2], True),
        *(pytest.param(*ROLL_OUTS[i], True, marks=pytest.mark.slow) for i in (0, 1, 3)),
    ],
)
def test_the_roll_outs_own_gradient_is_that_of_the_plain_loop(
    monkeypatch, n_states, correction, triangular, given, jit
):
    posterior = RolledPosterior(make_system(n_states, triangular, 2), correction, seed=3)
    loc, scale, u, logits = draw(triangular)
    weights = [weight.value for weight in posterior.trainable_weights]

    def gradients():
        posterior.seed_generator.state.assign([3, 0])
        with tf.GradientTape() as tape:
            tape.watch((loc, scale, u))
            path = posterior(loc, scale, u, None, logits if given else None, training=True)
            loss = tf.reduce_sum(path.kl) + tf.reduce_sum(tf.sin(path.sample)) + tf.reduce_sum(path.state_probs**2)
        return tape.gradient(loss, [*weights, loc, scale, u], unconnected_gradients="zero")

    found = tf.function(gradients, jit_compile=jit, autograph=False)()
    plain = functools.partial(additive_rollout, own_gradient=False)
    monkeypatch.setattr(rolled_posterior, "additive_rollout", plain)
    expected = tf.function(gradients, autograph=False)()
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)


def test_the_gain_beats_the_sum_where_the_encoder_is_certain():
    """What is added cannot make a posterior narrower than the process noise."""
    loc, _, u, _ = draw()
    system = make_system(1)
    found = system.dynamics.next_mean(loc[:, :-1], u[:, 1:])[:, :, 0]
    added = tf.concat([loc[:, :1] - system.start.mean, loc[:, 1:] - found], 1)
    narrow = RolledPosterior(system, "gain", seed=3)(loc, tf.fill((B, T, D), 0.01), u, training=True)
    wide = RolledPosterior(system, "additive", seed=3)(added, tf.fill((B, T, D), 0.01), u, training=True)
    spread = [float(tf.reduce_mean(tf.abs(path.sample - loc))) for path in (narrow, wide)]
    assert spread[0] < 0.02 and spread[1] > 0.1


def test_padding_changes_nothing():
    posterior = RolledPosterior(make_system(), seed=3)
    loc, scale, u, logits = draw()
    longer = [tf.concat([part, 9.0 + tf.zeros_like(part[:, :2])], 1) for part in (loc, scale, u, logits)]
    steps = tf.concat([tf.ones((B, T)), tf.zeros((B, 2))], 1)
    for given in (False, True):
        short = posterior(loc, scale, u, None, logits if given else None)
        padded = posterior(*longer[:3], steps, longer[3] if given else None)
        np.testing.assert_allclose(padded.kl, short.kl, rtol=1e-5)
        np.testing.assert_allclose(padded.sample[:, :T], short.sample, rtol=1e-5)


@pytest.mark.parametrize(("n_trials", "n_bins"), [(1, 6), (3, 1), (3, 2)])
def test_one_trial_and_one_bin(n_trials, n_bins):
    posterior = RolledPosterior(make_system(), seed=3)
    loc, scale, u, logits = (part[:n_trials, :n_bins] for part in draw())
    for given in (None, logits):
        path = posterior(loc, scale, u, None, given, training=True)
        assert path.sample.shape == (n_trials, n_bins, D) and np.isfinite(path.kl).all()


def test_nothing_is_drawn_outside_of_training_but_in_a_sampling_scope():
    posterior = RolledPosterior(make_system(), seed=3)
    loc, scale, u, _ = draw()
    np.testing.assert_array_equal(posterior(loc, scale, u).sample, posterior(loc, scale, u).sample)
    np.testing.assert_allclose(posterior(loc, scale, u).sample, posterior(loc, scale, u).loc)
    with sampling_scope():
        assert not np.allclose(posterior(loc, scale, u).sample, posterior(loc, scale, u).sample)


@pytest.mark.parametrize("triangular", [False, True])
def test_a_mean_field_costs_its_entropy_and_the_sum_over_states(triangular):
    system, (loc, scale, u, _) = make_system(), draw(triangular)
    sample = loc + 0.1
    cost = PathKL(system)(sample, loc, scale, u)
    law = tfd.MultivariateNormalTriL(loc, scale) if triangular else tfd.MultivariateNormalDiag(loc, scale)
    log_p = enumerate_states(system(sample, u))
    np.testing.assert_allclose(cost.kl, -tf.reduce_sum(law.entropy(), 1) - log_p, rtol=1e-4)
    np.testing.assert_allclose(cost.log_ratio, tf.reduce_sum(law.log_prob(sample), 1) - log_p, rtol=1e-4)
    steps = tf.constant((np.arange(T) < 4).astype("float32") * np.ones((B, 1), "float32"))
    short = PathKL(system)(sample[:, :4], loc[:, :4], scale[:, :4], u[:, :4])
    np.testing.assert_allclose(PathKL(system)(sample, loc, scale, u, steps).kl, short.kl, rtol=1e-5)


def test_parts_must_be_of_one_size():
    with pytest.raises(ConfigError, match=r"expected parts of one size, got \(states, latents\) \(1, 4\), \(2, 4\)"):
        SwitchingDynamics(RegionDynamics(2, 2), DiscreteTransition(2, 4), SwitchingStart(2, 4))
    with pytest.raises(ConfigError, match="at least one state and no negative widths, got 0"):
        DiscreteTransition(0)
    with pytest.raises(ConfigError, match="`correction` must be one of additive, gain, got 'sum'"):
        RolledPosterior(make_system(), "sum")
