"""One step of the clipped GRU against its formula, forward and backward."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.inference.gru_step import (
    GRUKernels,
    clip_state,
    gru_derivatives,
    gru_step,
    gru_step_gradient,
    split_kernel,
)
from tests.inference import naive

B, H = 3, 2


@pytest.fixture
def arguments(rng):
    return [rng.normal(size=shape) for shape in ((B, 3 * H), (3 * H,), (B, H), (H, 3 * H))]


@pytest.mark.parametrize("clip", [None, 0.3])
def test_step_is_the_formula(arguments, clip):
    projected, bias, state, kernel = arguments
    step = gru_step(projected, bias, state, *split_kernel(tf.constant(kernel)), clip)
    np.testing.assert_allclose(step.state, naive.gru(projected, bias, state, kernel, clip or np.inf), rtol=1e-12)
    assert step.gates.shape == (B, 2 * H) and step.candidate.shape == (B, H)
    if clip:
        assert (np.abs(step.state) == clip).any() and (np.abs(step.state) <= clip).all()


def test_clipping_is_symmetric_and_can_be_off():
    state = tf.constant([[-9.0, 0.2, 9.0]])
    np.testing.assert_allclose(clip_state(state, 5.0), [[-5.0, 0.2, 5.0]])
    assert clip_state(state, None) is state


def test_the_update_gate_keeps_the_old_state(arguments):
    projected, bias, state, kernel = arguments
    projected[:, :H] = 50.0
    step = gru_step(projected, bias, state, *split_kernel(tf.constant(kernel)), None)
    np.testing.assert_allclose(step.state, state, rtol=1e-12)


@pytest.mark.parametrize("clip", [None, 0.3], ids=["free", "clipped"])
def test_backward_step_is_what_autodiff_gives(arguments, clip, rng):
    projected, bias, state, kernel = (tf.constant(a) for a in arguments)
    upstream = tf.constant(rng.normal(size=(B, H)))
    gate, candidate = split_kernel(kernel)
    with tf.GradientTape() as tape:
        tape.watch([projected, state])
        step = gru_step(projected, bias, state, gate, candidate, clip)
        loss = tf.reduce_sum(step.state * upstream)
    expected = tape.gradient(loss, [projected, state])
    local = gru_derivatives(step, state, clip)
    got = gru_step_gradient(upstream, local, GRUKernels.transposed(kernel))
    for ours, theirs in zip(got, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_a_step_without_inputs_has_its_bias_alone(arguments):
    _, bias, state, kernel = arguments
    alone = gru_step(None, tf.constant(bias), tf.constant(state), *split_kernel(tf.constant(kernel)), 5.0)
    zeros = gru_step(np.zeros((B, 3 * H)), bias, state, *split_kernel(tf.constant(kernel)), 5.0)
    np.testing.assert_array_equal(alone.state, zeros.state)
