"""Factors of covariances, diagonal or triangular, and what normals need of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf


class Scale(NamedTuple):
    """A factor L of a covariance L L'.

    Attributes:
        factor: The diagonal of L, `(..., D)`, or a lower-triangular L, `(..., D, D)`; leading axes broadcast.
        triangular: Which of them.
    """

    factor: tf.Tensor
    triangular: bool = False

    def times(self, noise: tf.Tensor) -> tf.Tensor:
        """Returns L times vectors `(..., D)`."""
        return tf.linalg.matvec(self.factor, noise) if self.triangular else self.factor * noise

    def whiten(self, values: tf.Tensor) -> tf.Tensor:
        """Returns the solution of L y = values, `(..., D)`."""
        if not self.triangular:
            return values / self.factor
        if len(self.factor.shape) == 2:  # one matrix for all: one solution with many right-hand sides
            flat = tf.reshape(values, (-1, self.factor.shape[-1]))
            solved = tf.transpose(tf.linalg.triangular_solve(self.factor, tf.transpose(flat)))
            return tf.reshape(solved, tf.shape(values))
        return tf.linalg.triangular_solve(self.factor, values[..., None])[..., 0]

    def log_det(self) -> tf.Tensor:
        """Returns log |L|, `(...)`."""
        diagonal = tf.linalg.diag_part(self.factor) if self.triangular else self.factor
        return tf.reduce_sum(tf.math.log(diagonal), -1)

    def plus(self, other: Scale) -> Scale:
        """Returns a factor of the sum of the two covariances."""
        if not (self.triangular or other.triangular):
            return Scale(tf.sqrt(tf.square(self.factor) + tf.square(other.factor)))
        return Scale(tf.linalg.cholesky(self.covariance() + other.covariance()), True)

    def matrix(self) -> tf.Tensor:
        """Returns L as a matrix, `(..., D, D)`."""
        return self.factor if self.triangular else tf.linalg.diag(self.factor)

    def covariance(self) -> tf.Tensor:
        """Returns the covariance `(..., D, D)`."""
        if self.triangular:
            return tf.matmul(self.factor, self.factor, transpose_b=True)
        return tf.linalg.diag(tf.square(self.factor))


def log_normal(difference: tf.Tensor, scale: Scale) -> tf.Tensor:
    """Returns log N(difference; 0, L L') in nats, `(...)`, of vectors `(..., D)`."""
    dim = difference.shape[-1]
    white = tf.reduce_sum(tf.square(scale.whiten(difference)), -1)
    return -0.5 * white - scale.log_det() - 0.5 * dim * math.log(2.0 * math.pi)


def entropy(scale: Scale) -> tf.Tensor:
    """Returns the entropy of a normal with this scale in nats, `(...)`."""
    dim = scale.factor.shape[-1]
    return scale.log_det() + 0.5 * dim * (1.0 + math.log(2.0 * math.pi))


def normal_kl(difference: tf.Tensor, own: Scale, other: Scale) -> tf.Tensor:
    """Returns KL(N(m, own) || N(m - difference, other)) in nats, `(...)`, of vectors `(..., D)`."""
    dim = difference.shape[-1]
    if own.triangular or other.triangular:
        trace = tf.reduce_sum(tf.square(_solve(other, own)), (-2, -1))
    else:
        trace = tf.reduce_sum(tf.square(own.factor / other.factor), -1)
    white = tf.reduce_sum(tf.square(other.whiten(difference)), -1)
    return 0.5 * (trace - dim + white) + other.log_det() - own.log_det()


def _solve(left: Scale, right: Scale) -> tf.Tensor:
    """Returns the solution of left Y = right, whose leading axes broadcast."""
    matrices = left.matrix(), right.matrix()
    shape = tf.broadcast_dynamic_shape(*(tf.shape(matrix) for matrix in matrices))
    return tf.linalg.triangular_solve(*(tf.broadcast_to(matrix, shape) for matrix in matrices))
