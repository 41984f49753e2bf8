"""One step of the clipped GRU, forward and backward: the arithmetic that every recurrence of the library shares."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

Tensor = tf.Tensor


class GRUStep(NamedTuple):
    """A step's new state and the gates that its backward pass needs.

    Attributes:
        state: `(B, H)`.
        gates: `(B, 2H)`: update gate u (share of the old state kept), then reset gate r.
        candidate: `(B, H)`.
    """

    state: Tensor
    gates: Tensor
    candidate: Tensor


def split_kernel(kernel: Tensor) -> tuple[Tensor, Tensor]:
    """Splits a recurrent kernel `(H, 3H)` into those of the gates `(H, 2H)` and of the candidate `(H, H)`."""
    units = kernel.shape[0]
    return kernel[:, : 2 * units], kernel[:, 2 * units :]


def clip_state(state: Tensor, clip: float | None) -> Tensor:
    """Returns the state limited to [-clip, clip]; unchanged when `clip` is None."""
    return state if clip is None else tf.clip_by_value(state, -clip, clip)


def gru_step(
    projected: Tensor, state: Tensor, gate_kernel: Tensor, candidate_kernel: Tensor, clip: float | None
) -> GRUStep:
    """Advances the GRU whose reset gate acts before the recurrent product (`reset_after=False`), then clips the state.

    Args:
        projected: `(B, 3H)`: input times kernel plus bias, in the order update, reset, candidate.
        state: `(B, H)`: the previous state.
        gate_kernel: `(H, 2H)`: recurrent weights of update and reset gate.
        candidate_kernel: `(H, H)`: recurrent weights of the candidate.
        clip: Limit of the state's absolute value, or None.
    """
    units = candidate_kernel.shape[0]
    gates = tf.sigmoid(projected[:, : 2 * units] + tf.matmul(state, gate_kernel))
    update, reset = gates[:, :units], gates[:, units:]
    candidate = tf.tanh(projected[:, 2 * units :] + tf.matmul(reset * state, candidate_kernel))
    return GRUStep(clip_state(candidate + update * (state - candidate), clip), gates, candidate)


class GRUFactors(NamedTuple):
    """Local derivatives of all steps, made in one pass over time so that the backward loop only multiplies and adds.

    Attributes:
        update, candidate, reset, carry: `(T, B, H)` each: d pre-activation / d state of the three gates, and the
            direct path from a state to the one before it.
        gate_reset: `(T, B, H)`: the reset gate itself.
    """

    update: Tensor
    candidate: Tensor
    reset: Tensor
    carry: Tensor
    gate_reset: Tensor


def gru_factors(
    states: Tensor, previous: Tensor, gates: Tensor, candidates: Tensor, clip: float | None, mask: Tensor | None
) -> GRUFactors:
    """Returns the local derivatives at every step.

    Args:
        states, previous, candidates: `(T, B, H)`: the states after and before each step, the candidates.
        gates: `(T, B, 2H)`.
        clip: As in the forward pass; a clipped state passes no gradient on.
        mask: `(T, B, 1)`, 1 where the step counts; elsewhere the state was carried through unchanged.
    """
    units = candidates.shape[-1]
    update, reset = gates[..., :units], gates[..., units:]
    open_ = tf.ones_like(update) if clip is None else tf.cast(tf.abs(states) < clip, states.dtype)
    if mask is not None:
        open_ = open_ * mask
    carry = update * open_ if mask is None else update * open_ + (1.0 - mask)
    return GRUFactors(
        update=(previous - candidates) * update * (1.0 - update) * open_,
        candidate=(1.0 - update) * (1.0 - candidates * candidates) * open_,
        reset=previous * reset * (1.0 - reset),
        carry=carry,
        gate_reset=reset,
    )


def gru_step_gradient(
    d_state: Tensor, factors: GRUFactors, t: Tensor, gate_kernel_t: Tensor, candidate_kernel_t: Tensor
) -> tuple[Tensor, Tensor]:
    """Takes the gradient of step `t` back through it.

    Args:
        d_state: `(B, H)`: gradient of the loss with respect to the state after the step.
        factors: Of `gru_factors`.
        t: Scalar, the step.
        gate_kernel_t, candidate_kernel_t: Recurrent kernels, transposed once outside the loop.

    Returns:
        The gradient of the pre-activations `(B, 3H)` and of the state before the step `(B, H)`.
    """
    d_update = d_state * factors.update[t]
    d_candidate = d_state * factors.candidate[t]
    d_reset_state = tf.matmul(d_candidate, candidate_kernel_t)
    d_reset = d_reset_state * factors.reset[t]
    d_gates = tf.concat([d_update, d_reset], -1)
    d_previous = d_state * factors.carry[t] + d_reset_state * factors.gate_reset[t] + tf.matmul(d_gates, gate_kernel_t)
    return tf.concat([d_gates, d_candidate], -1), d_previous
