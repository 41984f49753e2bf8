"""Sequences of coupled normals against dense matrices and TensorFlow Probability's linear dynamical system."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.inference.block_tridiagonal import draw, entropy, factorize, log_det, log_normalizer, moments, solve

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 3), st.integers(0, 999))


def draw_blocks(n_trials, n_bins, dim, seed):
    """Returns blocks of a positive-definite precision, and a potential."""
    rng = np.random.default_rng(seed)
    lower = 0.4 * rng.normal(size=(n_trials, n_bins - 1, dim, dim))
    root = rng.normal(size=(n_trials, n_bins, dim, dim))
    reach = np.abs(lower).sum((-1, -2)).max(initial=0.0)
    diagonal = root @ root.swapaxes(-1, -2) + (2.0 * reach + 0.5) * np.eye(dim)
    return diagonal, lower, rng.normal(size=(n_trials, n_bins, dim))


def dense(diagonal, lower):
    """Returns the whole precision `(B, T * D, T * D)`."""
    n_trials, n_bins, dim, _ = diagonal.shape
    whole = np.zeros((n_trials, n_bins, dim, n_bins, dim))
    for t in range(n_bins):
        whole[:, t, :, t] = diagonal[:, t]
        if t:
            whole[:, t, :, t - 1] = lower[:, t - 1]
            whole[:, t - 1, :, t] = lower[:, t - 1].swapaxes(-1, -2)
    return whole.reshape(n_trials, n_bins * dim, n_bins * dim)


@settings(max_examples=25, deadline=None)
@given(SHAPES)
def test_everything_is_what_dense_matrices_give(shape):
    blocks = draw_blocks(*shape)
    n_trials, n_bins, dim, seed = shape
    factor = factorize(*map(tf.constant, blocks))
    precision = dense(*blocks[:2])
    covariance = np.linalg.inv(precision)
    potential = blocks[2].reshape(n_trials, -1)
    mean = np.einsum("bij,bj->bi", covariance, potential)
    found = moments(factor)
    size = n_bins * dim
    places = covariance.reshape(n_trials, n_bins, dim, n_bins, dim)
    np.testing.assert_allclose(found.mean, mean.reshape(n_trials, n_bins, dim), atol=1e-9)
    for t in range(n_bins):
        np.testing.assert_allclose(found.covariance[:, t], places[:, t, :, t], atol=1e-9)
        if t:
            np.testing.assert_allclose(found.cross[:, t - 1], places[:, t, :, t - 1], atol=1e-9)
    log_dets = np.linalg.slogdet(precision)[1]
    np.testing.assert_allclose(log_det(factor), 0.5 * log_dets, atol=1e-9)
    right = np.random.default_rng(seed + 2).normal(size=blocks[2].shape)
    solved = np.linalg.solve(precision, right.reshape(n_trials, -1, 1)).reshape(right.shape)
    np.testing.assert_allclose(solve(factor, tf.constant(right)), solved, atol=1e-9)
    np.testing.assert_allclose(entropy(factor), 0.5 * (size * (1 + np.log(2 * np.pi)) - log_dets), atol=1e-9)
    normalizer = 0.5 * (size * np.log(2 * np.pi) - log_dets + np.einsum("bi,bi->b", potential, mean))
    np.testing.assert_allclose(log_normalizer(factor), normalizer, atol=1e-9)
    noise = np.random.default_rng(seed + 1).normal(size=(n_trials, n_bins, dim))
    sample = (draw(factor, tf.constant(noise)) - found.mean).numpy().reshape(n_trials, -1)
    squares = np.einsum("bi,bij,bj->b", sample, precision, sample)
    np.testing.assert_allclose(squares, (noise**2).sum((1, 2)), rtol=1e-8)


def test_it_smooths_as_the_linear_dynamical_system_of_tensorflow_probability_does():
    rng = np.random.default_rng(0)
    n_bins, dim = 7, 2
    step, readout = np.array([[0.9, 0.2], [-0.3, 0.8]]), rng.normal(size=(3, 2))
    noise, seen = 0.5, 0.7
    y = rng.normal(size=(1, n_bins, 3))
    model = tfp.distributions.LinearGaussianStateSpaceModel(
        n_bins,
        step,
        tfp.distributions.MultivariateNormalDiag(np.zeros(2), noise * np.ones(2)),
        readout,
        tfp.distributions.MultivariateNormalDiag(np.zeros(3), seen * np.ones(3)),
        tfp.distributions.MultivariateNormalDiag(np.zeros(2), np.ones(2)),
    )
    mean, covariance = model.posterior_marginals(y)
    own = readout.T @ readout / seen**2
    diagonal = np.stack([own + np.eye(dim)] + [own + np.eye(dim) / noise**2] * (n_bins - 1))
    diagonal[:-1] += step.T @ step / noise**2
    lower = np.stack([-step / noise**2] * (n_bins - 1))
    factor = factorize(tf.constant(diagonal[None]), tf.constant(lower[None]), tf.constant(y @ readout / seen**2))
    found = moments(factor)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-8)
    np.testing.assert_allclose(found.covariance[0], covariance, rtol=1e-7)
    joint = -0.5 * n_bins * 3 * np.log(2 * np.pi * seen**2) - 0.5 * (y**2).sum() / seen**2
    prior = -0.5 * n_bins * dim * np.log(2 * np.pi) - (n_bins - 1) * dim * np.log(noise)
    np.testing.assert_allclose(joint + prior + log_normalizer(factor), model.log_prob(y), rtol=1e-9)


@pytest.mark.parametrize("jit", [False, True])
def test_compiled_with_gradients(jit):
    blocks = [tf.constant(part, tf.float32) for part in draw_blocks(2, 9, 3, 1)]
    noise = tf.constant(np.random.default_rng(2).normal(size=(2, 9, 3)), tf.float32)

    def value(*blocks):
        with tf.GradientTape() as tape:
            tape.watch(blocks)
            factor = factorize(*blocks)
            total = tf.reduce_sum(tf.sin(draw(factor, noise))) + tf.reduce_sum(entropy(factor))
        return total, *tape.gradient(total, blocks)

    expected, *gradients = value(*blocks)
    for ours, theirs in zip(tf.function(value, jit_compile=jit)(*blocks), (expected, *gradients), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=1e-4)
    small = 1e-3
    moved = value(*blocks[:2], blocks[2] + small)[0] - value(*blocks[:2], blocks[2] - small)[0]
    np.testing.assert_allclose(moved / (2 * small), tf.reduce_sum(gradients[2]), rtol=1e-2)


def test_jitter_is_added_to_the_diagonal():
    diagonal, lower, potential = map(tf.constant, draw_blocks(1, 4, 2, 5))
    more = factorize(diagonal + 0.5 * tf.eye(2, dtype=tf.float64), lower, potential)
    for ours, theirs in zip(factorize(diagonal, lower, potential, 0.5), more, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(("n_bins", "dim"), [(1, 1), (1, 3), (5, 1), (5, 3)])
def test_gradients_of_all_results_are_differences_of_values(jit, n_bins, dim):
    rng = np.random.default_rng(3)
    blocks = [tf.constant(part) for part in draw_blocks(1, n_bins, dim, 4)]
    ways = [rng.normal(size=part.shape) for part in blocks]
    ways[0] = ways[0] + ways[0].swapaxes(-1, -2)
    noise = tf.constant(rng.normal(size=(1, n_bins, dim)))

    def value(*blocks):
        factor = factorize(*blocks)
        parts = (*moments(factor), draw(factor, noise), solve(factor, noise), entropy(factor), log_normalizer(factor))
        return tf.add_n([tf.reduce_sum(tf.sin(part)) for part in parts])

    @tf.function(jit_compile=jit)
    def slopes(*blocks):
        with tf.GradientTape() as tape:
            tape.watch(blocks)
            total = value(*blocks)
        return tape.gradient(total, blocks, unconnected_gradients="zero")

    for i, (slope, way) in enumerate(zip(slopes(*blocks), ways, strict=True)):
        moved = [value(*(part + sign * 1e-5 * ways[j] * (i == j) for j, part in enumerate(blocks))) for sign in (1, -1)]
        np.testing.assert_allclose(tf.reduce_sum(slope * way), (moved[0] - moved[1]) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("mode", ["eager", "graph", "jit"])
@pytest.mark.parametrize("bad", [0, 2])
@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("eigenvalue", [-1.0, 0.0])
def test_a_precision_that_is_not_positive_definite_shows_in_its_trial_alone(mode, bad, dim, eigenvalue):
    diagonal, lower = np.tile(np.eye(dim), (2, 3, 1, 1)), np.zeros((2, 2, dim, dim))
    diagonal[0, bad, -1, -1] = eigenvalue

    def run(*blocks):
        factor = factorize(*blocks)
        return (*moments(factor), draw(factor), solve(factor, blocks[2]), entropy(factor), log_normalizer(factor))

    run = run if mode == "eager" else tf.function(run, jit_compile=mode == "jit")
    for part in run(*map(tf.constant, (diagonal, lower, np.ones((2, 3, dim))))):
        finite = np.isfinite(part).reshape(2, -1).all(1)
        assert finite[1] and (not finite[0] or not np.any(part[0]))  # blocks that are 0 here stay so


@pytest.mark.parametrize("jit", [False, True])
def test_a_coupling_that_is_too_strong_gives_no_numbers(jit):
    blocks = np.tile(np.eye(2), (1, 3, 1, 1)), np.tile(1.5 * np.eye(2), (1, 2, 1, 1)), np.ones((1, 3, 2))
    run = tf.function(lambda *blocks: moments(factorize(*blocks)), jit_compile=jit)
    assert not any(np.isfinite(part).all() for part in run(*map(tf.constant, blocks)))
    assert all(np.isfinite(part).all() for part in moments(factorize(*map(tf.constant, blocks), jitter=3.0)))
