"""The most probable sequence of discrete states."""

from __future__ import annotations

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.forward_backward import LOG_ZERO

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
    shape = tf.shape(log_density)
    matrix = loops.time_major(tf.broadcast_to(log_matrix, (shape[0], shape[1] - 1, shape[2], shape[2])))
    density = loops.time_major(log_density)[1:]
    counted = tf.ones_like(log_density[..., 0]) if steps is None else tf.cast(steps > 0, log_density.dtype)
    counted = loops.time_major(counted)[1:]
    first = tf.maximum(log_start + log_density[:, 0], LOG_ZERO)
    stay = LOG_ZERO * (1.0 - tf.eye(log_density.shape[-1], dtype=log_density.dtype))
    if density.shape[0] == 0:
        return tf.argmax(first, -1, tf.int32)[:, None], tf.reduce_max(first, -1)

    def forward(t: Tensor, carried: tuple[Tensor, ...]):
        there = counted[t][:, None, None] > 0
        scores = carried[0][..., None] + tf.where(there, tf.maximum(matrix[t] + density[t][:, None], LOG_ZERO), stay)
        return (tf.reduce_max(scores, -2),), (tf.cast(tf.argmax(scores, -2), scores.dtype),)

    before, last = loops.scan(forward, (first,), loops.n_steps(density), 1)

    def backward(t: Tensor, carried: tuple[Tensor, ...]):
        state = tf.gather(before[t], tf.cast(carried[0], tf.int32), batch_dims=1)
        return (state,), (state,)

    end = tf.cast(tf.argmax(last, -1), last.dtype)
    path, _ = loops.scan(backward, (end,), loops.n_steps(density), 1, reverse=True)
    states = tf.cast(loops.time_major(tf.concat([path, end[None]], 0)[..., None])[..., 0], tf.int32)
    return states, tf.reduce_max(last, -1)
