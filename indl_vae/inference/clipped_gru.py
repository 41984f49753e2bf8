"""The fused clipped GRU over time, with its own backward pass."""

from __future__ import annotations

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.gru_step import gru_factors, gru_step, gru_step_gradient

Tensor = tf.Tensor


def clipped_gru(
    projected: Tensor,
    initial_state: Tensor,
    recurrent_kernel: Tensor,
    clip: float | None = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Runs the clipped GRU over a sequence of input projections.

    The forward loop stores the gates; the backward loop yields the gradient of the pre-activations alone, and the
    gradient of the recurrent kernel is one large product after it. All differentiable tensors are arguments of the
    custom gradient: one made from a weight and merely closed over would silently get no gradient.

    Args:
        projected: `(T, B, 3H)`: input times kernel plus bias; order update, reset, candidate.
        initial_state: `(B, H)`.
        recurrent_kernel: `(H, 3H)`.
        clip: Limit of the state's absolute value, or None.
        mask: `(T, B, 1)`; where 0 the state is carried through the step unchanged.

    Returns:
        The states after each step, `(T, B, H)`.
    """
    units = recurrent_kernel.shape[0]
    length = loops.n_steps(projected)

    @tf.custom_gradient
    def run(projected: Tensor, initial_state: Tensor, recurrent_kernel: Tensor):
        gate_kernel, candidate_kernel = recurrent_kernel[:, : 2 * units], recurrent_kernel[:, 2 * units :]

        def body(t, carried):
            (state,) = carried
            step = gru_step(projected[t], state, gate_kernel, candidate_kernel, clip)
            # chosen, not blended: a clipped state must stay exactly at the limit for the backward pass to know it
            new = step.state if mask is None else tf.where(mask[t] > 0, step.state, state)
            return (new,), (new, step.gates, step.candidate)

        states, gates, candidates, _ = loops.scan(body, (initial_state,), length, 3)

        def gradient(d_states: Tensor):
            previous = loops.shifted(states, initial_state)
            factors = gru_factors(states, previous, gates, candidates, clip, mask)
            gate_kernel_t, candidate_kernel_t = tf.transpose(gate_kernel), tf.transpose(candidate_kernel)

            def back(t, carried):
                d_projected, d_previous = gru_step_gradient(
                    carried[0] + d_states[t], factors, t, gate_kernel_t, candidate_kernel_t
                )
                return (d_previous,), (d_projected,)

            d_projected, d_initial = loops.scan(back, (tf.zeros_like(initial_state),), length, 1, reverse=True)
            d_recurrent = recurrent_gradient(previous, gates, d_projected)
            return d_projected, d_initial, d_recurrent

        return states, gradient

    # converted here: a variable read inside the custom gradient would make it refuse (eagerly) or lose the gradient
    states = run(*(tf.convert_to_tensor(a) for a in (projected, initial_state, recurrent_kernel)))
    return tf.ensure_shape(states, (projected.shape[0], projected.shape[1], units))


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
