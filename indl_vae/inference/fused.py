"""What is left of a normal once another is multiplied with it."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference.scale import Scale


class Fused(NamedTuple):
    """The normal proportional to `N(x; f, Q) N(x; m, R)`: its mean is `kept f + added`.

    Attributes:
        kept: `(..., D)` or `(..., D, D)`: I - K, with the gain `K = Q (Q + R)^-1`.
        added: `(..., D)`: K m.
        scale: Factor of its covariance `(I - K) Q`.
    """

    kept: tf.Tensor
    added: tf.Tensor
    scale: Scale


def fused(prior: Scale, loc: tf.Tensor, own: Scale) -> Fused:
    """Returns the product of two normals, of which the first one's mean f is not known yet (a Kalman update).

    Args:
        prior: Factor of Q.
        loc: `(..., D)`: m.
        own: Factor of R.
    """
    if not (prior.triangular or own.triangular):
        q, r = tf.square(prior.factor), tf.square(own.factor)
        kept = r / (q + r)
        return Fused(kept, (1.0 - kept) * loc, Scale(prior.factor * tf.sqrt(kept)))
    # Q = L L', R = M M', A = M^-1 L: V = L (I + A'A)^-1 L'. Square roots throughout: squares cost half the digits.
    left = own.matrix()
    root = tf.broadcast_to(prior.matrix(), tf.shape(left))
    unit = tf.broadcast_to(tf.eye(loc.shape[-1], dtype=loc.dtype), tf.shape(left))
    inner = _upper(tf.concat([unit, tf.linalg.triangular_solve(left, root)], -2))
    half = tf.linalg.triangular_solve(inner, tf.linalg.matrix_transpose(root), lower=False, adjoint=True)
    share = tf.linalg.triangular_solve(inner, half, lower=False)
    kept = tf.linalg.matrix_transpose(tf.linalg.triangular_solve(root, share, adjoint=True))  # V Q^-1
    factor = tf.linalg.matrix_transpose(_upper(half))
    return Fused(kept, loc - tf.linalg.matvec(kept, loc), Scale(factor, True))


def _upper(matrix: tf.Tensor) -> tf.Tensor:
    """Returns the upper-triangular U of U'U = matrix' matrix, its diagonal positive."""
    upper = tf.linalg.qr(matrix).r
    return upper * tf.where(tf.linalg.diag_part(upper) < 0.0, -1.0, 1.0)[..., None]


def times(kept: tf.Tensor | None, values: tf.Tensor) -> tf.Tensor:
    """Returns what is kept of values `(..., D)`: all of them if `kept` is None."""
    if kept is None:
        return values
    return kept * values if len(kept.shape) == len(values.shape) else tf.linalg.matvec(kept, values)
