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
    projected: Tensor | None,
    bias: Tensor,
    state: Tensor,
    gate_kernel: Tensor,
    candidate_kernel: Tensor,
    clip: float | None,
) -> GRUStep:
    """Advances the GRU whose reset gate acts before the recurrent product (`reset_after=False`), then clips the state.

    Args:
        projected: `(B, 3H)`: input times kernel, in the order update, reset, candidate; None without inputs.
        bias: `(3H,)`; added here, where it costs no pass over memory of its own.
        state: `(B, H)`: the previous state.
        gate_kernel: `(H, 2H)`: recurrent weights of update and reset gate.
        candidate_kernel: `(H, H)`: recurrent weights of the candidate.
        clip: Limit of the state's absolute value, or None.
    """
    units = candidate_kernel.shape[0]
    offset = bias[None] if projected is None else projected + bias
    gates = tf.sigmoid(offset[:, : 2 * units] + tf.matmul(state, gate_kernel))
    update, reset = gates[:, :units], gates[:, units:]
    candidate = tf.tanh(offset[:, 2 * units :] + tf.matmul(reset * state, candidate_kernel))
    return GRUStep(clip_state(candidate + update * (state - candidate), clip), gates, candidate)


class GRUKernels(NamedTuple):
    """The recurrent kernels as the backward pass needs them, transposed once outside the loop.

    Attributes:
        gates: `(2H, H)`.
        candidate: `(H, H)`.
    """

    gates: Tensor
    candidate: Tensor

    @classmethod
    def transposed(cls, kernel: Tensor) -> GRUKernels:
        """Returns both parts of a recurrent kernel `(H, 3H)`, transposed."""
        return cls(*(tf.transpose(part) for part in split_kernel(kernel)))


class GRUDerivatives(NamedTuple):
    """Local derivatives of a step, all `(B, H)`; a clipped or masked step has zeros but in `reset`.

    Attributes:
        update: Of the new state to the pre-activation of the update gate.
        candidate: Of the new state to the pre-activation of the candidate.
        gate: Of the reset state to the pre-activation of the reset gate.
        kept: Of the new state to the old one along the update gate.
        reset: The reset gate.
    """

    update: Tensor
    candidate: Tensor
    gate: Tensor
    kept: Tensor
    reset: Tensor


def gru_derivatives(step: GRUStep, previous: Tensor, clip: float | None, mask: Tensor | None = None) -> GRUDerivatives:
    """Returns the local derivatives of steps, elementwise: of one step, or of all at once.

    Args:
        step: The step as the forward pass left it, `(..., H)`.
        previous: `(..., H)`: the state before the step.
        clip: As in the forward pass; a clipped state passes no gradient on.
        mask: `(..., 1)`, 1 where the step counts; elsewhere the state was carried through unchanged.
    """
    units = previous.shape[-1]
    update, reset = step.gates[..., :units], step.gates[..., units:]
    rest, kept = 1.0 - update, update
    if clip is not None:
        free = tf.cast(tf.abs(step.state) < clip, previous.dtype)
        rest, kept = rest * free, kept * free
    if mask is not None:
        rest, kept = rest * mask, kept * mask
    return GRUDerivatives(
        update=(previous - step.candidate) * update * rest,
        candidate=rest * (1.0 - step.candidate * step.candidate),
        gate=previous * reset * (1.0 - reset),
        kept=kept,
        reset=reset,
    )


def gru_step_gradient(
    d_state: Tensor, local: GRUDerivatives, kernels: GRUKernels, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Takes the gradient of a step back through it.

    Args:
        d_state: `(B, H)`: gradient of the loss with respect to the state after the step.
        local: Of `gru_derivatives`.
        kernels: Of `GRUKernels.transposed`.
        mask: `(B, 1)`, 1 where the step counts.

    Returns:
        The gradient of the pre-activations `(B, 3H)` and of the state before the step `(B, H)`.
    """
    d_candidate = d_state * local.candidate
    d_reset_state = tf.matmul(d_candidate, kernels.candidate)
    d_gates = tf.concat([d_state * local.update, d_reset_state * local.gate], -1)
    d_previous = d_state * local.kept + d_reset_state * local.reset + tf.matmul(d_gates, kernels.gates)
    if mask is not None:
        d_previous = d_previous + d_state * (1.0 - mask)
    return tf.concat([d_gates, d_candidate], -1), d_previous
