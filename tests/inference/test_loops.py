"""The helpers of the time loops."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.inference import loops


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_stacks_outputs_in_their_places(reverse):
    def body(t, carried):
        total = carried[0] + tf.cast(t, tf.float32)
        return (total,), (total, 10.0 * tf.cast(t, tf.float32))

    sums, times, final = loops.scan(body, (tf.constant(0.0),), 4, 2, reverse)
    np.testing.assert_array_equal(times, [0, 10, 20, 30])
    np.testing.assert_array_equal(sums, [6, 6, 5, 3] if reverse else [0, 1, 3, 6])
    assert float(final) == 6.0


def test_number_of_steps_is_static_where_it_can_be():
    assert loops.n_steps(tf.zeros((5, 2, 3))) == 5
    traced = tf.function(lambda x: loops.n_steps(x), input_signature=[tf.TensorSpec((None, 2), tf.float32)])
    assert int(traced(tf.zeros((6, 2)))) == 6


def test_shifted_puts_the_first_in_front(rng):
    x, first = rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 3))
    got = loops.shifted(tf.constant(x), tf.constant(first)).numpy()
    np.testing.assert_array_equal(got[0], first)
    np.testing.assert_array_equal(got[1:], x[:-1])


def test_outer_and_product_are_sums_over_bins_and_trials(rng):
    left, right, kernel = (rng.normal(size=shape) for shape in ((4, 2, 3), (4, 2, 5), (3, 6)))
    np.testing.assert_allclose(
        loops.outer(tf.constant(left), tf.constant(right)), np.einsum("tbp,tbq->pq", left, right)
    )
    np.testing.assert_allclose(loops.product(tf.constant(left), tf.constant(kernel)), left @ kernel)
    np.testing.assert_allclose(loops.product(tf.constant(left[0]), tf.constant(kernel)), left[0] @ kernel)


def test_time_major_and_back(rng):
    x = rng.normal(size=(4, 2, 3))
    np.testing.assert_array_equal(loops.time_major(tf.constant(x)), x.transpose(1, 0, 2))
    np.testing.assert_array_equal(loops.time_major(loops.time_major(tf.constant(x[..., 0]))), x[..., 0])
