"""The fused GRU against a plain loop, and its own backward pass against finite differences of that loop."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.inference.clipped_gru import clipped_gru
from tests.inference import naive

T, B, H = 5, 3, 2
NAMES = ("projected", "bias", "initial_state", "recurrent_kernel")
SHAPES = ((T, B, 3 * H), (3 * H,), (B, H), (H, 3 * H))
MASKS = {
    "none": None,
    "padded": [[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0]],
    "gaps": [[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 1], [1, 1, 0]],
    "an empty trial": [[1, 1, 0]] * T,
}


def make_mask(name):
    return None if MASKS[name] is None else np.array(MASKS[name], float)[..., None]


@pytest.fixture
def arguments(rng):
    return [rng.normal(size=shape) for shape in SHAPES]


@pytest.mark.parametrize("fused", [True, False], ids=["fused", "loop"])
@pytest.mark.parametrize("clip", [None, 0.4], ids=["free", "clipped"])
@pytest.mark.parametrize("mask", MASKS)
def test_states_and_gradients(arguments, mask, clip, fused, rng):
    mask, limit = make_mask(mask), clip or np.inf
    readout = rng.normal(size=(T, B, H))
    tensors = [tf.constant(a) for a in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        states = clipped_gru(*tensors, clip, None if mask is None else tf.constant(mask), fused)
        loss = tf.reduce_sum(tf.sin(states * readout))
    np.testing.assert_allclose(states, naive.gru_loop(*arguments, limit, mask), rtol=1e-12, atol=1e-14)
    if clip:
        assert (np.abs(states) == clip).any()

    def by_loop(*moved):
        return float(np.sum(np.sin(naive.gru_loop(*moved, limit, mask) * readout)))

    naive.assert_gradients(by_loop, arguments, [g.numpy() for g in tape.gradient(loss, tensors)], NAMES)


def test_a_masked_bin_passes_state_and_gradient_through(arguments):
    projected, bias, initial, kernel = (tf.constant(a) for a in arguments)
    with tf.GradientTape() as tape:
        tape.watch([projected, initial])
        states = clipped_gru(projected, bias, initial, kernel, 5.0, tf.zeros((T, B, 1), tf.float64))
        last = tf.reduce_sum(states[-1])
    np.testing.assert_array_equal(states, np.repeat(initial[None], T, axis=0))
    d_projected, d_initial = tape.gradient(last, [projected, initial])
    np.testing.assert_array_equal(d_projected, np.zeros_like(projected))
    np.testing.assert_array_equal(d_initial, np.ones_like(initial))


def test_length_may_be_unknown_when_traced(arguments):
    signature = [
        tf.TensorSpec(shape, tf.float64) for shape in ((None, None, 3 * H), *SHAPES[1:2], (None, H), SHAPES[3])
    ]
    run = tf.function(lambda *a: clipped_gru(*a, 0.4), input_signature=signature)
    assert run.get_concrete_function().structured_outputs.shape.as_list() == [None, None, H]
    for bins in (T, 1):
        cut = [arguments[0][:bins], *arguments[1:]]
        np.testing.assert_allclose(run(*cut), naive.gru_loop(*cut, 0.4), rtol=1e-12)
