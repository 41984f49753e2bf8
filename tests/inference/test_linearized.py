from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.inference.linearized import linearized


def bend(x):
    return tf.stack([tf.sin(x) * x[:, ::-1], tf.square(x)], 1)


@pytest.mark.parametrize("jit", [False, True])
def test_values_and_slopes_are_those_of_reverse_differentiation(jit):
    x = tf.constant(np.random.default_rng(0).normal(size=(5, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        expected = bend(x)
    values, slopes = tf.function(lambda x: linearized(bend, x), jit_compile=jit)(x)
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    np.testing.assert_allclose(slopes, tape.batch_jacobian(expected, x), rtol=1e-4, atol=1e-6)


def test_slopes_can_be_differentiated():
    x = tf.constant([[0.3, -0.7]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(linearized(lambda x: tf.sin(x)[:, None], x)[1])
    np.testing.assert_allclose(tape.gradient(total, x), -np.sin(x), rtol=1e-5)
