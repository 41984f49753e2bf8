"""Normals over whole sequences whose precision couples neighbouring bins alone.

The block Cholesky factor and what follows from it: Johnson et al. 2016 (structured VAEs) for the model, Asif & Moura
2005 (inverses of block-banded matrices) for the covariances. The work is `O(T D^3)`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.loops import time_major

Tensor = tf.Tensor


class BlockFactor(NamedTuple):
    """The Cholesky factor of a block-tridiagonal precision, and the solution of its first half; time comes first.

    Attributes:
        diagonal: `(T, B, D, D)`: lower-triangular blocks L_t.
        below: `(T, B, D, D)`: blocks B_t between bins t and t - 1; the first is 0.
        solved: `(T, B, D)`: L^-1 h.
    """

    diagonal: Tensor
    below: Tensor
    solved: Tensor


class Moments(NamedTuple):
    """Means and covariances.

    Attributes:
        mean: `(B, T, D)`.
        covariance: `(B, T, D, D)`: of each bin.
        cross: `(B, T-1, D, D)`: of each later bin (rows) with the one before (columns).
    """

    mean: Tensor
    covariance: Tensor
    cross: Tensor


def factorize(diagonal: Tensor, lower: Tensor, potential: Tensor, jitter: float = 0.0) -> BlockFactor:
    """Returns the factor of the normal with density proportional to `exp(h' x - x' J x / 2)`.

    A precision that is not positive definite raises nothing: its trial, and no other, gets NaN (infinite numbers
    where it is singular) in all that the factor is used for, compiled or not.

    Args:
        diagonal: `(B, T, D, D)`: blocks J_tt, symmetric; the upper triangles are not looked at.
        lower: `(B, T-1, D, D)`: blocks J_t,t-1.
        potential: `(B, T, D)`: h.
        jitter: Added to the diagonal of J.
    """
    dim = potential.shape[-1]
    blocks = time_major(diagonal) + jitter * tf.eye(dim, dtype=diagonal.dtype)
    none = tf.zeros_like(blocks[:1])
    between = none if lower.shape[1] == 0 else tf.concat([none, time_major(lower)], 0)
    steps = [loops.Unstacked(part) for part in (blocks, between, time_major(potential))]

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        before, solved = carried
        below = tf.linalg.matrix_transpose(tf.linalg.triangular_solve(before, tf.linalg.matrix_transpose(steps[1][t])))
        factor = tf.linalg.cholesky(steps[0][t] - tf.matmul(below, below, transpose_b=True))
        rest = steps[2][t] - tf.linalg.matvec(below, solved)
        solved = tf.linalg.triangular_solve(factor, rest[..., None])[..., 0]
        return (factor, solved), (factor, below, solved)

    start = tf.zeros_like(blocks[0]) + tf.eye(dim, dtype=blocks.dtype), tf.zeros_like(potential[:, 0])
    return BlockFactor(*loops.scan(body, start, steps[0].length, 3)[:3])


def log_normalizer(factor: BlockFactor) -> Tensor:
    """Returns `log int exp(h' x - x' J x / 2) dx`, `(B,)`, in nats."""
    size = factor.solved.shape[-1] * tf.cast(tf.shape(factor.solved)[0], factor.solved.dtype)
    squares = tf.reduce_sum(tf.square(factor.solved), (0, 2))
    return 0.5 * (size * math.log(2.0 * math.pi) + squares) - log_det(factor)


def log_det(factor: BlockFactor) -> Tensor:
    """Returns the log-determinant of the factor, `(B,)`: half that of the precision."""
    return tf.reduce_sum(tf.math.log(tf.linalg.diag_part(factor.diagonal)), (0, 2))


def entropy(factor: BlockFactor) -> Tensor:
    """Returns the entropy in nats, `(B,)`."""
    size = factor.solved.shape[-1] * tf.cast(tf.shape(factor.solved)[0], factor.solved.dtype)
    return 0.5 * size * (1.0 + math.log(2.0 * math.pi)) - log_det(factor)


def solve(factor: BlockFactor, right: Tensor) -> Tensor:
    """Returns J^-1 times `right`, `(B, T, D)` both. That of the potential is the mean: `draw(factor)`."""
    steps = [loops.Unstacked(part) for part in (factor.diagonal, factor.below, time_major(right))]

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        rest = steps[2][t] - tf.linalg.matvec(steps[1][t], carried[0])
        solved = tf.linalg.triangular_solve(steps[0][t], rest[..., None])[..., 0]
        return (solved,), (solved,)

    solved, _ = loops.scan(body, (tf.zeros_like(right[:, 0]),), steps[0].length, 1)
    return draw(factor._replace(solved=solved))


def draw(factor: BlockFactor, noise: Tensor | None = None) -> Tensor:
    """Returns draws `(B, T, D)` made of standard normal numbers `(B, T, D)`; the mean without any."""
    right = factor.solved if noise is None else factor.solved + time_major(noise)
    steps = [loops.Unstacked(part) for part in (factor.diagonal, factor.below, right)]
    length = steps[0].length

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        (pulled,) = carried  # what the next bin takes away: B_t+1' x_t+1
        x = tf.linalg.triangular_solve(steps[0][t], (steps[2][t] - pulled)[..., None], adjoint=True)[..., 0]
        return (tf.linalg.matvec(steps[1][t], x, transpose_a=True),), (x,)

    return time_major(loops.scan(body, (tf.zeros_like(right[0]),), length, 1, reverse=True)[0])


def moments(factor: BlockFactor) -> Moments:
    """Returns means, covariances of each bin, and of each bin with the one before."""
    steps = [loops.Unstacked(part) for part in (factor.diagonal, factor.below)]
    dim = factor.solved.shape[-1]
    unit = tf.zeros_like(factor.diagonal[0]) + tf.eye(dim, dtype=factor.diagonal.dtype)

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        inner, pulled = carried  # I + B_t+1' V_t+1 B_t+1, and -V_t+1 B_t+1
        inverse = tf.linalg.triangular_solve(steps[0][t], unit)
        own = tf.matmul(inverse, tf.matmul(inner, inverse), transpose_a=True)
        cross = tf.matmul(pulled, inverse)
        spread = tf.matmul(own, steps[1][t])
        return (unit + tf.matmul(steps[1][t], spread, transpose_a=True), -spread), (own, cross)

    own, cross, *_ = loops.scan(body, (unit, tf.zeros_like(unit)), steps[0].length, 2, reverse=True)
    return Moments(draw(factor), time_major(own), time_major(cross)[:, :-1])
