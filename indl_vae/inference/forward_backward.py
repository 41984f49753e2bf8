"""Sums over all sequences of discrete states, and the posteriors that are their gradients."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.compilation import is_compiled

Tensor = tf.Tensor

#: Stands for log 0: sums of it stay finite, and so do gradients.
LOG_ZERO = -1e30

#: Largest number of states for which a tree of products beats a loop over bins that no compiler works on.
_FEW = 4


class StatePosteriors(NamedTuple):
    """What is known of a chain of discrete states.

    Attributes:
        log_evidence: `(B,)`: log of the sum over all sequences, in nats.
        states: `(B, T, K)`: probability of each state in each bin; in bins of padding that of the last bin, 0 in a
            trial without bins.
        pairs: `(B, T-1, K, K)`: probability of each transition, rows the states before.
    """

    log_evidence: Tensor
    states: Tensor
    pairs: Tensor


def log_evidence(
    log_start: Tensor,
    log_matrix: Tensor,
    log_density: Tensor,
    steps: Tensor | None = None,
    parallel: bool | None = None,
) -> Tensor:
    """Returns `log sum_z p(z_0) b_0(z_0) prod_t p(z_t | z_t-1) b_t(z_t)`, `(B,)`, in nats.

    Either bin by bin (Rabiner 1989, eq. 19-21), or with transition matrices multiplied in pairs, then pairs of pairs
    (Sarkka & Garcia-Fernandez 2021): K times the work, and depth log T. Gradients by the arguments are the
    posteriors, so no backward recursion is needed. Where no sequence is possible, the value is near `LOG_ZERO`.

    Args:
        log_start: `(B, K)`: log-probabilities of the first state.
        log_matrix: `(B, T-1, K, K)`, or `(K, K)` for all bins: of transitions, rows the states before. -inf forbids.
        log_density: `(B, T, K)`: log-densities of each bin's observations; 0 where none was made.
        steps: Optional `(B, T)`, above 0 in bins of the trial, which come first. What stands in the padding is not
            looked at, NaN included.
        parallel: Whether to multiply in pairs, which needs T to be known; None takes what is faster.
    """
    factors = later_factors(log_matrix, log_density, steps)
    first = first_factor(log_start, log_density, steps)
    if factors.shape[1] == 0 or factors.shape[-1] == 1:
        return tf.reduce_logsumexp(first, -1) + tf.reduce_sum(factors, (1, 2, 3))
    if factors.shape[1] is None or not (_is_tree_faster(factors.shape[-1]) if parallel is None else parallel):
        return _one_by_one(first, factors)
    whole = _product(factors)
    return tf.reduce_logsumexp(first[..., None] + whole, (1, 2))


def state_posteriors(
    log_start: Tensor,
    log_matrix: Tensor,
    log_density: Tensor,
    steps: Tensor | None = None,
    parallel: bool | None = None,
) -> StatePosteriors:
    """Returns the evidence and the posteriors of states and transitions; arguments as for `log_evidence`.

    They are gradients of the evidence by the log-densities and the log-matrices (Eisner 2016).
    """
    shape = tf.shape(log_density)
    matrix = tf.broadcast_to(log_matrix, (shape[0], shape[1] - 1, shape[2], shape[2]))
    with tf.GradientTape() as tape:
        tape.watch((log_density, matrix))
        evidence = log_evidence(log_start, matrix, log_density, steps, parallel)
    states, pairs = tape.gradient(evidence, (log_density, matrix), unconnected_gradients="zero")
    if steps is None:
        return StatePosteriors(evidence, states, pairs)
    return StatePosteriors(evidence, held(states, steps), pairs)


def first_factor(log_start: Tensor, log_density: Tensor, steps: Tensor | None = None) -> Tensor:
    """Returns `(B, K)`: log p(z_0) b_0(z_0), without the density in a trial of padding alone."""
    first = log_start + log_density[:, 0]
    if steps is not None:
        first = tf.where(steps[:, :1] > 0, first, log_start)
    return tf.maximum(first, LOG_ZERO)


def later_factors(log_matrix: Tensor, log_density: Tensor, steps: Tensor | None = None) -> Tensor:
    """Returns `(B, T-1, K, K)`: log p(z_t | z_t-1) b_t(z_t); in bins of padding what changes nothing."""
    factors = tf.maximum(log_matrix + log_density[:, 1:, None], LOG_ZERO)
    return factors if steps is None else tf.where(steps[:, 1:, None, None] > 0, factors, _unit(factors))


def with_unit(factors: Tensor) -> Tensor:
    """Returns the factors and one that changes nothing: XLA cannot compile a loop over none."""
    size = factors.shape[-1]
    return tf.concat([factors, tf.broadcast_to(_unit(factors), (tf.shape(factors)[0], 1, size, size))], 1)


def _unit(factors: Tensor) -> Tensor:
    return LOG_ZERO * (1.0 - tf.eye(factors.shape[-1], dtype=factors.dtype))


def _is_tree_faster(n_states: int) -> bool:
    # Compiled, a loop took 1.3 ms and a tree 3.7 (B 32, T 200, K 4, posteriors, on a CPU); not compiled, 16 and 11.
    return not is_compiled() and n_states <= _FEW


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
    """Returns the evidence by a loop, whose messages are kept near 0: single precision is lost to large numbers."""
    factors = with_unit(factors) if factors.shape[1] is None else factors
    steps = loops.Unstacked(loops.time_major(factors))

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        message = tf.reduce_logsumexp(carried[0][..., None] + steps[t], -2)
        top = tf.stop_gradient(tf.reduce_max(message, -1))  # taken here, given back below: no gradient is lost
        return (message - top[:, None],), (top,)

    tops, last = loops.scan(body, (first,), steps.length, 1)
    return tf.reduce_sum(tops, 0) + tf.reduce_logsumexp(last, -1)


def held(states: Tensor, steps: Tensor) -> Tensor:
    """Returns the probabilities with those of the last bin in the padding behind it."""
    n_bins = tf.cast(tf.reduce_sum(tf.cast(steps > 0, tf.int32), 1), tf.int32)
    last = tf.gather(states, tf.maximum(n_bins - 1, 0), batch_dims=1)[:, None]
    return tf.where(steps[..., None] > 0, states, last)
