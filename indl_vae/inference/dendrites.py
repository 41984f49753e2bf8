"""Weighted sums of rectifiers with thresholds of their own, and the gradients of their weights."""

from __future__ import annotations

import tensorflow as tf

Tensor = tf.Tensor


def dendrites(u: Tensor, thresholds: Tensor, weights: Tensor, slope: float = 0.0) -> Tensor:
    """Returns `sum_b weights_b R(u_m - thresholds_bm)`, R the rectifier with a slope below 0.

    The gradients of thresholds and weights are sums over all of `u` of its own gradient, and of that times u, where u
    is above a threshold: two products with one array of 0 and 1, where differentiating the sum term by term goes
    through an array of that size several times.

    Args:
        u: `(..., M)`.
        thresholds: `(B, M)`.
        weights: `(B,)`.
        slope: Of the rectifier below 0.

    Returns:
        `(..., M)`.
    """

    @tf.custom_gradient
    def run(u: Tensor, thresholds: Tensor, weights: Tensor):
        value = tf.reduce_sum(weights[:, None] * _rectified(u[..., None, :] - thresholds, slope), -2)

        def gradient(d_value: Tensor):
            d_u = d_value * dendrite_slopes(u, thresholds, weights, slope)
            return d_u, *_weight_gradients(u, d_value, thresholds, weights, slope)

        return value, gradient

    return run(*(tf.convert_to_tensor(one) for one in (u, thresholds, weights)))


def dendrite_slopes(u: Tensor, thresholds: Tensor, weights: Tensor, slope: float = 0.0) -> Tensor:
    """Returns the derivative of `dendrites` by u, `(..., M)`."""
    above = tf.cast(u[..., None, :] > thresholds, u.dtype)
    return tf.reduce_sum(weights[:, None] * (slope + (1.0 - slope) * above), -2)


def _rectified(u: Tensor, slope: float) -> Tensor:
    return tf.nn.relu(u) if slope == 0.0 else tf.where(u > 0, u, slope * u)


def _weight_gradients(u: Tensor, d_value: Tensor, thresholds: Tensor, weights: Tensor, slope: float):
    u, d_value = (tf.reshape(one, (-1, thresholds.shape[1])) for one in (u, d_value))
    above = tf.cast(u[:, None, :] > thresholds, u.dtype)
    # sums of the gradient of R' and of R: above a threshold in full, below it by the slope
    slopes = (1.0 - slope) * tf.einsum("sm,sbm->bm", d_value, above) + slope * tf.reduce_sum(d_value, 0)
    values = (1.0 - slope) * tf.einsum("sm,sbm->bm", d_value * u, above) + slope * tf.reduce_sum(d_value * u, 0)
    return -weights[:, None] * slopes, tf.reduce_sum(values - thresholds * slopes, -1)
