"""Entropy and expected log-density of a chain of discrete states."""

from __future__ import annotations

import tensorflow as tf

from indl_vae.inference.forward_backward import StatePosteriors

Tensor = tf.Tensor


def state_entropy(posteriors: StatePosteriors) -> Tensor:
    """Returns the entropy of the sequence of states, `(B,)`, in nats.

    That of the first state, and of each state given the one before (chain rule). The evidence less the expected
    log-density is the same number, but a difference of large ones, which single precision does not hold.

    Args:
        posteriors: From `state_posteriors`; padding adds nothing.
    """
    before = tf.reduce_sum(posteriors.pairs, -1)
    later = tf.reduce_sum(_x_log_x(posteriors.pairs), (1, 2, 3)) - tf.reduce_sum(_x_log_x(before), (1, 2))
    return -tf.reduce_sum(_x_log_x(posteriors.states[:, 0]), -1) - later


def expected_log_joint(
    posteriors: StatePosteriors,
    log_start: Tensor,
    log_matrix: Tensor,
    log_density: Tensor,
    steps: Tensor | None = None,
) -> Tensor:
    """Returns the mean of `log p(z, observations)` over sequences drawn from the posteriors, `(B,)`, in nats.

    With the arguments that the posteriors come from, this plus `state_entropy` is the evidence. What has probability
    0 adds nothing, be its log-density -inf; nor does what stands in the padding. -inf where the posteriors, of another
    model, hold possible what is forbidden here.

    Args:
        posteriors: From `state_posteriors`, of this model or another.
        log_start: `(B, K)`.
        log_matrix: `(B, T-1, K, K)`, or `(K, K)` for all bins; rows the states before.
        log_density: `(B, T, K)`.
        steps: Optional `(B, T)`, above 0 in bins of the trial, which come first.
    """
    states = posteriors.states if steps is None else tf.where(steps[..., None] > 0, posteriors.states, 0.0)
    first = tf.reduce_sum(_weighed(posteriors.states[:, 0], log_start), -1)
    later = tf.reduce_sum(_weighed(posteriors.pairs, log_matrix), (1, 2, 3))
    return first + later + tf.reduce_sum(_weighed(states, log_density), (1, 2))


def _weighed(probs: Tensor, logs: Tensor) -> Tensor:
    return probs * tf.where(probs > 0, logs, 0.0)


def _x_log_x(x: Tensor) -> Tensor:
    # Sums of probabilities pass 0 by a rounding error; there the derivative would be infinite, and is taken as 0.
    return tf.math.xlogy(tf.maximum(x, 0.0), tf.maximum(x, 0.0))
