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


def gru_step_gradient(
    d_state: Tensor,
    step: GRUStep,
    previous: Tensor,
    kernels: GRUKernels,
    clip: float | None,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Takes the gradient of a step back through it.

    The local derivatives are made of the gates here, step by step: a compiler fuses them with what follows, which
    spares five arrays over all of time.

    Args:
        d_state: `(B, H)`: gradient of the loss with respect to the state after the step.
        step: The step as the forward pass left it.
        previous: `(B, H)`: the state before the step.
        kernels: Of `GRUKernels.transposed`.
        clip: As in the forward pass; a clipped state passes no gradient on.
        mask: `(B, 1)`, 1 where the step counts; elsewhere the state was carried through unchanged.

    Returns:
        The gradient of the pre-activations `(B, 3H)` and of the state before the step `(B, H)`.
    """
    units = previous.shape[-1]
    update, reset = step.gates[:, :units], step.gates[:, units:]
    passed = d_state if clip is None else tf.where(tf.abs(step.state) < clip, d_state, tf.zeros_like(d_state))
    if mask is not None:
        passed = passed * mask
    kept = passed * (1.0 - update)
    d_update = (previous - step.candidate) * update * kept
    d_candidate = kept * (1.0 - step.candidate * step.candidate)
    d_reset_state = tf.matmul(d_candidate, kernels.candidate)
    d_gates = tf.concat([d_update, d_reset_state * previous * reset * (1.0 - reset)], -1)
    d_previous = passed * update + d_reset_state * reset + tf.matmul(d_gates, kernels.gates)
    if mask is not None:
        d_previous = d_previous + d_state * (1.0 - mask)
    return tf.concat([d_gates, d_candidate], -1), d_previous
