"""The most probable sequence of discrete states."""

from __future__ import annotations

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.forward_backward import first_factor, later_factors, with_unit

Tensor = tf.Tensor


def viterbi(
    log_start: Tensor, log_matrix: Tensor, log_density: Tensor, steps: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Returns the sequence of states with the largest joint probability, and its log (Viterbi 1967).

    Args:
        log_start: `(B, K)`.
        log_matrix: `(B, T-1, K, K)`, or `(K, K)` for all bins; rows the states before.
        log_density: `(B, T, K)`.
        steps: Optional `(B, T)`, above 0 in bins of the trial, which come first.

    Returns:
        States `(B, T)`, int32, in padding that of the last bin; and log-probabilities `(B,)` in nats.
    """
    # Behind the last bin one more stays in its state, so that the path of all bins is what the loop back gives.
    factors = loops.time_major(with_unit(later_factors(log_matrix, log_density, steps)))
    first = first_factor(log_start, log_density, steps)

    def forward(t: Tensor, carried: tuple[Tensor, ...]):
        scores = carried[0][..., None] + factors[t]
        return (tf.reduce_max(scores, -2),), (tf.cast(tf.argmax(scores, -2), scores.dtype),)

    before, last = loops.scan(forward, (first,), loops.n_steps(factors), 1)

    def backward(t: Tensor, carried: tuple[Tensor, ...]):
        state = tf.gather(before[t], tf.cast(carried[0], tf.int32), batch_dims=1)
        return (state,), (state,)

    end = tf.cast(tf.argmax(last, -1), last.dtype)
    path, _ = loops.scan(backward, (end,), loops.n_steps(factors), 1, reverse=True)
    return tf.cast(loops.time_major(path), tf.int32), tf.reduce_max(last, -1)
