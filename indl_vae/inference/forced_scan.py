"""A piecewise-linear network run over time, its states drawn towards given ones, with its own backward pass."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.piecewise_step import PiecewiseStep, Slopes, apply_step, pull_back, slopes

Tensor = tf.Tensor


class Forcing(NamedTuple):
    """What the states are drawn towards before each step: `(1 - w) z + w target` (Hess et al. 2023, eq. 6).

    Attributes:
        target: `(T, B, M)`.
        weight: w, broadcast to `(T, B, M)`; 1 puts the target in place of the state (teacher forcing).
    """

    target: Tensor
    weight: Tensor


def forced_scan(
    step: PiecewiseStep,
    start: Tensor,
    length: int | Tensor,
    drive: Tensor | None = None,
    forcing: Forcing | None = None,
    fused: bool = True,
) -> Tensor:
    """Returns the states after each of `length` steps, `(T, B, M)`.

    The loop forwards keeps the states alone, and the loop backwards gives the gradient of each step's result alone.
    The gradients of weights and drive are those of one call of the step on all states at once, which is why a step of
    any kind needs no derivative by its weights of its own. Second derivatives are not defined.

    Args:
        step: The step.
        start: State before the first step, `(B, M)`.
        length: Number of steps T.
        drive: `(T, B, M)`: what external inputs add in each step, or None.
        forcing: Targets before each step and their weights, or None for a free run.
        fused: False leaves the backward pass to TensorFlow: a plain loop, to check and to measure against.
    """
    if not fused:
        return _states(step, start, length, drive, forcing)
    states = tf.stop_gradient(_states(_constant(step), start, length, drive, forcing))
    before = tf.stop_gradient(_forced(loops.shifted(states, start), forcing))
    after = apply_step(step, before, drive)
    weight = None if forcing is None else tf.broadcast_to(forcing.weight, tf.shape(states))
    return _adjoint(_constant(step), slopes(_constant(step), before, states), states, after, start, forcing, weight)


def _constant(step: PiecewiseStep) -> PiecewiseStep:
    """The step with weights that get no gradient."""
    still = {name: tf.stop_gradient(getattr(step, name)) for name in ("diagonal", "kernel", "bias")}
    mixing = None if step.mixing is None else tf.stop_gradient(step.mixing)
    return step._replace(**still, mixing=mixing)


def _states(step: PiecewiseStep, start, length, drive, forcing: Forcing | None) -> Tensor:
    def body(t, carried):
        state = carried[0] if forcing is None else _blend(carried[0], loops.at(t, target), loops.at(t, weight))
        new = apply_step(step, state, None if drive is None else drive[t])
        return (new,), (new,)

    if forcing is not None:
        shape = tf.concat([[length], tf.shape(start)], 0)
        target, weight = (tf.broadcast_to(part, shape) for part in forcing)
    return loops.scan(body, (start,), length, 1)[0]


def _blend(state: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    return state + weight * (target - state)


def _forced(states: Tensor, forcing: Forcing | None) -> Tensor:
    return states if forcing is None else _blend(states, forcing.target, forcing.weight)


def _adjoint(
    step: PiecewiseStep,
    at: Slopes,
    states: Tensor,
    after: Tensor,
    start: Tensor,
    forcing: Forcing | None,
    weight: Tensor | None,
) -> Tensor:
    """Passes the states on; backwards, adds to each one's gradient what comes from the states after it.

    `after` are the same states again, as the step makes them of those before: gradients go there, values do not.
    """

    @tf.custom_gradient
    def run(after: Tensor, start: Tensor, target: Tensor):
        def gradient(d_states: Tensor):
            whole, before = _backward(step, at, d_states, weight)
            if weight is None:
                return whole, before[0], tf.zeros_like(target)
            return whole, before[0] * (1.0 - weight[0]), _sum_to(before * weight, target)

        return tf.identity(states), gradient

    target = tf.zeros(()) if forcing is None else tf.convert_to_tensor(forcing.target)
    return run(after, tf.convert_to_tensor(start), target)


def _backward(step: PiecewiseStep, at: Slopes, d_states: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor]:
    """Returns the whole gradients of the states after and before (blended) each step."""

    def back(t, carried):
        whole = carried[0] + d_states[t]
        before = pull_back(step, loops.at(t, at), whole)
        return (before if weight is None else (1.0 - weight[t]) * before,), (whole, before)

    start = (tf.zeros_like(d_states[0]),)
    whole, before, _ = loops.scan(back, start, loops.n_steps(d_states), 2, reverse=True)
    return whole, before


def _sum_to(gradient: Tensor, like: Tensor) -> Tensor:
    """Adds a gradient up over the axes along which `like` was broadcast."""
    if like.shape == gradient.shape:
        return gradient
    missing = gradient.shape.rank - like.shape.rank
    gradient = tf.reduce_sum(gradient, list(range(missing))) if missing else gradient
    ones = [axis for axis, size in enumerate(like.shape) if size == 1 and gradient.shape[axis] != 1]
    return tf.reduce_sum(gradient, ones, keepdims=True) if ones else gradient
