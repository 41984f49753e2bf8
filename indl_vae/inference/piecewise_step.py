"""One step of a piecewise-linear recurrent network, its pull-back and its Jacobian."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops

Tensor = tf.Tensor


class PiecewiseStep(NamedTuple):
    """`F(z) = a * z + phi(u) K + h` with `u = z U`, limited to `[-clip, clip]` where there is a limit.

    Every family of piecewise-linear networks is of this form; they differ in the elementwise function phi and in U
    (Durstewitz 2017; Brenner, Hess et al. 2022; Hess et al. 2023; Brenner et al. 2024).

    Attributes:
        diagonal: a `(M,)`.
        kernel: K `(P, M)`, from the P values of phi to the states.
        bias: h `(M,)`.
        value: phi, `(..., P)` to `(..., P)`, elementwise.
        slope: Its derivative, likewise.
        mixing: U `(M, P)`, or None where u is z itself.
        clip: Limit of the states' absolute values, or None.
    """

    diagonal: Tensor
    kernel: Tensor
    bias: Tensor
    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    mixing: Tensor | None = None
    clip: float | None = None


class Slopes(NamedTuple):
    """What the derivative of a step depends on its state through.

    Attributes:
        basis: Slope of phi at each of its values, `(..., P)`.
        inside: 1 where the new state is not at its limit, `(..., M)`; None without a limit.
    """

    basis: Tensor
    inside: Tensor | None


def apply_step(step: PiecewiseStep, state: Tensor, drive: Tensor | None = None) -> Tensor:
    """Returns the next states `(..., M)`.

    Args:
        step: The step.
        state: `(..., M)`.
        drive: What external inputs add to the new states, `(..., M)`, or None.
    """
    new = _unlimited(step, state, drive)
    return new if step.clip is None else tf.clip_by_value(new, -step.clip, step.clip)


def slopes(step: PiecewiseStep, state: Tensor, new: Tensor) -> Slopes:
    """Returns the slopes at states `(..., M)` whose next states are `new`."""
    basis = step.slope(_mixed(step, state))
    if step.clip is None:
        return Slopes(basis, None)
    return Slopes(basis, tf.cast(tf.abs(new) < step.clip, new.dtype))


def pull_back(step: PiecewiseStep, at: Slopes, gradient: Tensor) -> Tensor:
    """Returns the gradient of a state from that of the next one: the transposed Jacobian times it, `(B, M)`."""
    gradient = gradient if at.inside is None else gradient * at.inside
    through = tf.matmul(gradient, step.kernel, transpose_b=True) * at.basis
    if step.mixing is not None:
        through = tf.matmul(through, step.mixing, transpose_b=True)
    return step.diagonal * gradient + through


def step_jacobian(step: PiecewiseStep, state: Tensor, drive: Tensor | None = None) -> Tensor:
    """Returns the Jacobian `(..., M, M)`: entry (i, j) is the derivative of new state i by state j."""
    at = slopes(step, state, apply_step(step, state, drive))
    by_value = tf.linalg.matrix_transpose(at.basis[..., :, None] * step.kernel)
    if step.mixing is not None:
        by_value = loops.product(by_value, tf.transpose(step.mixing))
    whole = by_value + tf.linalg.diag(step.diagonal)
    return whole if at.inside is None else whole * at.inside[..., :, None]


def _mixed(step: PiecewiseStep, state: Tensor) -> Tensor:
    return state if step.mixing is None else loops.product(state, step.mixing)


def _unlimited(step: PiecewiseStep, state: Tensor, drive: Tensor | None) -> Tensor:
    new = step.diagonal * state + loops.product(step.value(_mixed(step, state)), step.kernel) + step.bias
    return new if drive is None else new + drive
