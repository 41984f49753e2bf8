"""Sums over all sequences of discrete states, and the posteriors that are their gradients."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops

Tensor = tf.Tensor

#: Stands for log 0: sums of it stay finite, and so do gradients.
LOG_ZERO = -1e30


class StatePosteriors(NamedTuple):
    """What is known of a chain of discrete states.

    Attributes:
        log_evidence: `(B,)`: log of the sum over all sequences, in nats.
        states: `(B, T, K)`: probability of each state in each bin; in bins of padding that of the last bin.
        pairs: `(B, T-1, K, K)`: probability of each transition, rows the states before.
    """

    log_evidence: Tensor
    states: Tensor
    pairs: Tensor


def log_evidence(log_start: Tensor, log_matrix: Tensor, log_density: Tensor, steps: Tensor | None = None) -> Tensor:
    """Returns `log sum_z p(z_0) b_0(z_0) prod_t p(z_t | z_t-1) b_t(z_t)`, `(B,)`, in nats.

    Where the number of bins is known, transition matrices are multiplied in pairs, then pairs of pairs (Sarkka &
    Garcia-Fernandez 2021): the work is K times that of a loop over bins, and the depth log T. Gradients by the
    arguments are the posteriors, so no backward recursion is needed.

    Args:
        log_start: `(B, K)`: log-probabilities of the first state.
        log_matrix: `(B, T-1, K, K)`, or `(K, K)` for all bins: of transitions, rows the states before. -inf forbids.
        log_density: `(B, T, K)`: log-densities of each bin's observations.
        steps: Optional `(B, T)`, above 0 in bins of the trial, which come first.
    """
    factors = _factors(log_matrix, log_density, steps)
    first = tf.maximum(log_start + log_density[:, 0], LOG_ZERO)
    if factors.shape[1] == 0 or factors.shape[-1] == 1:
        return tf.reduce_logsumexp(first, -1) + tf.reduce_sum(factors, (1, 2, 3))
    if factors.shape[1] is None:
        return _one_by_one(first, factors)
    whole = _product(factors)
    return tf.reduce_logsumexp(first[..., None] + whole, (1, 2))


def state_posteriors(
    log_start: Tensor, log_matrix: Tensor, log_density: Tensor, steps: Tensor | None = None
) -> StatePosteriors:
    """Returns the evidence and the posteriors of states and transitions; arguments as for `log_evidence`.

    They are gradients of the evidence by the log-densities and the log-matrices (Eisner 2016).
    """
    shape = tf.shape(log_density)
    matrix = tf.broadcast_to(log_matrix, (shape[0], shape[1] - 1, shape[2], shape[2]))
    with tf.GradientTape() as tape:
        tape.watch((log_density, matrix))
        evidence = log_evidence(log_start, matrix, log_density, steps)
    states, pairs = tape.gradient(evidence, (log_density, matrix), unconnected_gradients="zero")
    if steps is None:
        return StatePosteriors(evidence, states, pairs)
    return StatePosteriors(evidence, _held(states, steps), pairs)


def _factors(log_matrix: Tensor, log_density: Tensor, steps: Tensor | None) -> Tensor:
    """Returns `(B, T-1, K, K)`: log p(z_t | z_t-1) b_t(z_t); in bins of padding what changes nothing."""
    factors = tf.maximum(log_matrix + log_density[:, 1:, None], LOG_ZERO)
    if steps is None:
        return factors
    size = factors.shape[-1]
    unit = LOG_ZERO * (1.0 - tf.eye(size, dtype=factors.dtype))
    return tf.where(steps[:, 1:, None, None] > 0, factors, unit)


def _product(factors: Tensor) -> Tensor:
    """Returns the product of all factors, `(B, K, K)`."""
    while factors.shape[1] > 1:
        odd = factors[:, -1:] if factors.shape[1] % 2 else None
        even = factors[:, : factors.shape[1] // 2 * 2]
        factors = log_product(even[:, 0::2], even[:, 1::2])
        factors = factors if odd is None else tf.concat([factors, odd], 1)
    return factors[:, 0]


def log_product(left: Tensor, right: Tensor) -> Tensor:
    """Returns the matrix product `(..., K, K)` of matrices whose logs are given, as its log."""
    return tf.reduce_logsumexp(left[..., :, :, None] + right[..., None, :, :], -2)


def _one_by_one(first: Tensor, factors: Tensor) -> Tensor:
    steps = loops.Unstacked(loops.time_major(factors))

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        return (tf.reduce_logsumexp(carried[0][..., None] + steps[t], -2),), ()

    (last,) = loops.scan(body, (first,), steps.length, 0)
    return tf.reduce_logsumexp(last, -1)


def _held(states: Tensor, steps: Tensor) -> Tensor:
    """Returns the probabilities with those of the last bin in the padding behind it."""
    n_bins = tf.cast(tf.reduce_sum(tf.cast(steps > 0, tf.int32), 1), tf.int32)
    last = tf.gather(states, tf.maximum(n_bins - 1, 0), batch_dims=1)[:, None]
    return tf.where(steps[..., None] > 0, states, last)
