"""Piecewise-linear recurrences against plain loops, and their own backward pass against the one TensorFlow makes."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.inference.forced_scan import Forcing, forced_scan
from indl_vae.inference.piecewise_step import PiecewiseStep, apply_step, step_jacobian

M, P = 3, 4


def random_step(rng, mixing=True, clip=None, dim=M):
    width = P if mixing else dim
    arrays = [rng.normal(size=shape) * 0.6 for shape in ((dim,), (width, dim), (dim,))]
    hidden = tf.constant(rng.normal(size=(dim, width)) * 0.7) if mixing else None
    diagonal, kernel, bias = (tf.constant(one) for one in arrays)
    slope = lambda u: tf.cast(u > 0, tf.float64)  # noqa: E731
    return PiecewiseStep(diagonal, kernel, bias, tf.nn.relu, slope, hidden, clip)


def plain_step(step, z, drive=0.0):
    u = z if step.mixing is None else z @ step.mixing.numpy()
    new = step.diagonal.numpy() * z + np.maximum(u, 0) @ step.kernel.numpy() + step.bias.numpy() + drive
    return new if step.clip is None else np.clip(new, -step.clip, step.clip)


def plain_run(step, start, length, drive, target, weight):
    states, z = [], start
    for t in range(length):
        z = plain_step(step, z + weight[t] * (target[t] - z), drive[t])
        states.append(z)
    return np.stack(states)


@pytest.mark.parametrize("fused", [True, False], ids=["fused", "loop"])
@pytest.mark.parametrize("clip", [None, 0.5], ids=["free", "clipped"])
@pytest.mark.parametrize("mixing", [True, False], ids=["hidden", "elementwise"])
def test_states_are_those_of_a_plain_loop(rng, mixing, clip, fused):
    step = random_step(rng, mixing, clip)
    start, drive, target = rng.normal(size=(2, M)), rng.normal(size=(5, 2, M)), rng.normal(size=(5, 2, M))
    weight = rng.random((5, 1, M))
    given_ = Forcing(tf.constant(target), tf.constant(weight))
    states = forced_scan(step, tf.constant(start), 5, tf.constant(drive), given_, fused)
    np.testing.assert_allclose(states, plain_run(step, start, 5, drive, target, weight), rtol=1e-10)


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 10**6),
    length=st.integers(1, 6),
    n_trials=st.integers(1, 3),
    dim=st.integers(1, 4),
    forced=st.booleans(),
    clip=st.sampled_from([None, 0.7]),
)
def test_gradients_are_those_of_the_plain_loop(seed, length, n_trials, dim, forced, clip):
    rng = np.random.default_rng(seed)
    step = random_step(rng, True, clip, dim)
    given_ = [tf.constant(rng.normal(size=shape)) for shape in ((n_trials, dim), *[(length, n_trials, dim)] * 2)]
    weight, readout = (tf.constant(rng.random((length, n_trials, dim))) for _ in range(2))
    found = []
    for fused in (True, False):
        variables = [*given_, step.diagonal, step.kernel, step.bias, step.mixing]
        with tf.GradientTape() as tape:
            tape.watch(variables)
            start, drive, target = given_
            states = forced_scan(step, start, length, drive, Forcing(target, weight) if forced else None, fused)
            loss = tf.reduce_sum(tf.sin(states) * readout)
        found.append(tape.gradient(loss, variables, unconnected_gradients="zero"))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


def test_a_target_that_is_broadcast_gets_the_sum_of_its_gradients(rng):
    step, start = random_step(rng), tf.constant(rng.normal(size=(2, M)))
    target = tf.constant(rng.normal(size=(4, 1, M)))
    whole = tf.tile(target, (1, 2, 1))
    gradients = []
    for given_ in (target, whole):
        with tf.GradientTape() as tape:
            tape.watch(given_)
            loss = tf.reduce_sum(forced_scan(step, start, 4, None, Forcing(given_, tf.constant(0.3, tf.float64))) ** 2)
        gradients.append(tape.gradient(loss, given_).numpy())
    np.testing.assert_allclose(gradients[0], gradients[1].sum(1, keepdims=True), rtol=1e-10)


def test_compiled_it_gives_the_same_numbers(rng):
    step, start = random_step(rng), tf.constant(rng.normal(size=(2, M)))
    run = lambda: forced_scan(step, start, 6)  # noqa: E731
    np.testing.assert_allclose(tf.function(run, jit_compile=True)(), run(), rtol=1e-12)


@pytest.mark.parametrize("clip", [None, 0.5], ids=["free", "clipped"])
@pytest.mark.parametrize("mixing", [True, False], ids=["hidden", "elementwise"])
def test_the_jacobian_is_that_of_finite_differences(rng, mixing, clip):
    step, z, eps = random_step(rng, mixing, clip), rng.normal(size=(4, M)), 1e-6
    jacobian = step_jacobian(step, tf.constant(z)).numpy()
    for j in range(M):
        change = eps * np.eye(M)[j]
        slope = (plain_step(step, z + change) - plain_step(step, z - change)) / (2 * eps)
        np.testing.assert_allclose(jacobian[..., j], slope, atol=1e-7)
    np.testing.assert_allclose(apply_step(step, tf.constant(z)), plain_step(step, z), rtol=1e-12)
