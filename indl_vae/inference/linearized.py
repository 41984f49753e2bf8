"""Functions of vectors, by their values and Jacobians."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

Tensor = tf.Tensor


def linearized(function: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the values `(N, K, E)` of a function at `x` `(N, D)`, and its Jacobians `(N, K, E, D)`.

    By forward differentiation along all D axes at once: one pass over D copies of the points, which reverse
    differentiation goes through as through anything else.

    Args:
        function: From points `(M, D)` to `(M, K, E)`, point by point.
        x: The points.
    """
    dim = x.shape[-1]
    n = tf.shape(x)[0]
    copies = tf.tile(x[None], (dim, 1, 1))
    axes = tf.tile(tf.eye(dim, dtype=x.dtype)[:, None], (1, n, 1))
    flat = tf.reshape(copies, (-1, dim))
    with tf.autodiff.ForwardAccumulator(flat, tf.reshape(axes, (-1, dim))) as accumulator:
        values = function(flat)
    slopes = accumulator.jvp(values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    shape = tf.concat([[dim, n], tf.shape(values)[1:]], 0)
    values = tf.reshape(values, shape)[0]
    return values, tf.transpose(tf.reshape(slopes, shape), (1, 2, 3, 0))
