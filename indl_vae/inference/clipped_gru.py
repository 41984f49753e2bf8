"""The fused clipped GRU over time, with its own backward pass."""

from __future__ import annotations

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.gru_step import (
    GRUKernels,
    GRUStep,
    gru_derivatives,
    gru_step,
    gru_step_gradient,
    split_kernel,
)

Tensor = tf.Tensor


def clipped_gru(
    projected: Tensor,
    bias: Tensor,
    initial_state: Tensor,
    recurrent_kernel: Tensor,
    clip: float | None = None,
    mask: Tensor | None = None,
    fused: bool = True,
) -> Tensor:
    """Runs the clipped GRU over a sequence of input projections.

    The forward loop stores the gates; the backward loop yields the gradient of the pre-activations alone, and the
    gradients of recurrent kernel and bias are one large sum each after it. All differentiable tensors are arguments of
    the custom gradient: one made from a weight and merely closed over would silently get no gradient.

    Args:
        projected: `(T, B, 3H)`: input times kernel; order update, reset, candidate.
        bias: `(3H,)`.
        initial_state: `(B, H)`.
        recurrent_kernel: `(H, 3H)`.
        clip: Limit of the state's absolute value, or None.
        mask: `(T, B, 1)`; where 0 the state is carried through the step unchanged.
        fused: False leaves the backward pass to TensorFlow: a plain loop, to check and to measure against.

    Returns:
        The states after each step, `(T, B, H)`.
    """

    @tf.custom_gradient
    def run(projected: Tensor, bias: Tensor, initial_state: Tensor, recurrent_kernel: Tensor):
        trace = _forward(projected, bias, initial_state, recurrent_kernel, clip, mask)

        def gradient(d_states: Tensor):
            return _backward(d_states, trace, initial_state, recurrent_kernel, clip, mask)

        return trace.state, gradient

    # converted here: a variable read inside the custom gradient would make it refuse (eagerly) or lose the gradient
    given = [tf.convert_to_tensor(a) for a in (projected, bias, initial_state, recurrent_kernel)]
    states = run(*given) if fused else _forward(loops.Unstacked(given[0]), *given[1:], clip, mask).state
    return tf.ensure_shape(states, (projected.shape[0], projected.shape[1], recurrent_kernel.shape[0]))


def _forward(projected, bias, initial_state, recurrent_kernel, clip, mask) -> GRUStep:
    """Returns the trace of all steps, `(T, B, ...)`."""
    kernels = split_kernel(recurrent_kernel)

    def body(t, carried):
        (state,) = carried
        step = gru_step(projected[t], bias, state, *kernels, clip)
        # chosen, not blended: a clipped state must stay exactly at the limit for the backward pass to know it
        new = step.state if mask is None else tf.where(mask[t] > 0, step.state, state)
        return (new,), (new, step.gates, step.candidate)

    *trace, _ = loops.scan(body, (initial_state,), loops.n_steps(projected), 3)
    return GRUStep(*trace)


def _backward(d_states, trace: GRUStep, initial_state, recurrent_kernel, clip, mask):
    previous = loops.shifted(trace.state, initial_state)
    kernels = GRUKernels.transposed(recurrent_kernel)
    local = loops.per_step(lambda *step: gru_derivatives(*step[:2], clip, step[2]), trace, previous, mask)

    def back(t, carried):
        d_state = carried[0] + d_states[t]
        d_projected, d_previous = gru_step_gradient(d_state, local(t), kernels, loops.at(t, mask))
        return (d_previous,), (d_projected,)

    start = (tf.zeros_like(initial_state),)
    d_projected, d_initial = loops.scan(back, start, loops.n_steps(d_states), 1, reverse=True)
    d_recurrent = recurrent_gradient(previous, trace.gates, d_projected)
    return d_projected, tf.reduce_sum(d_projected, (0, 1)), d_initial, d_recurrent


def recurrent_gradient(previous: Tensor, gates: Tensor, d_projected: Tensor) -> Tensor:
    """Returns the recurrent kernel's gradient `(H, 3H)` from all steps at once."""
    units = previous.shape[-1]
    return tf.concat(
        [
            loops.outer(previous, d_projected[..., : 2 * units]),
            loops.outer(gates[..., units:] * previous, d_projected[..., 2 * units :]),
        ],
        -1,
    )
