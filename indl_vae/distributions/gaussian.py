"""Normals over a latent whose scale is a vector of deviations or a lower triangle."""

from __future__ import annotations

import math

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


def has_triangular_scale(loc: tf.Tensor, scale: tf.Tensor) -> bool:
    """Tells whether `scale` is `(..., D, D)` lower-triangular rather than `(..., D)`."""
    return len(scale.shape) == len(loc.shape) + 1


def gaussian(loc: tf.Tensor, scale: tf.Tensor) -> tfd.Distribution:
    """Returns the normal with event `(D,)`: `MultivariateNormalTriL` or `...Diag`, as the scale has it."""
    if has_triangular_scale(loc, scale):
        return tfd.MultivariateNormalTriL(loc=loc, scale_tril=scale)
    return tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale)


def log_density(law: tfd.Distribution, x: tf.Tensor) -> tf.Tensor:
    """Returns `law.log_prob(x)`, `(...)` of `x` `(..., D)`, for the normals of `gaussian`, and of other laws as it is.

    The bijectors by which TFP computes it for a multivariate normal keep what they have computed, and with it the whole
    graph it belongs to, for as long as the process lives: some 50 MB for each model that is built and dropped.
    """
    if not isinstance(law, tfd.MultivariateNormalLinearOperator):
        return law.log_prob(x)
    noise = law.scale.solvevec(x - law.loc)
    size = 0.5 * math.log(2.0 * math.pi) * x.shape[-1]
    return -0.5 * tf.reduce_sum(tf.square(noise), axis=-1) - size - law.scale.log_abs_determinant()


def reparameterize(loc: tf.Tensor, scale: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Returns `loc + scale @ noise` (`scale * noise` for a diagonal), shape of `loc`."""
    if has_triangular_scale(loc, scale):
        return loc + tf.linalg.matvec(scale, noise)
    return loc + scale * noise


def marginal_variance(loc: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Returns the variance of each latent on its own, shape of `loc`."""
    squares = tf.square(scale)
    return tf.reduce_sum(squares, axis=-1) if has_triangular_scale(loc, scale) else squares


def log_det_scale(loc: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Returns the log-determinant of the scale, shape of `loc` without its last axis."""
    diagonal = tf.linalg.diag_part(scale) if has_triangular_scale(loc, scale) else scale
    return tf.reduce_sum(tf.math.log(diagonal), axis=-1)
