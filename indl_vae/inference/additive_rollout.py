"""States that a dynamical system makes, corrected in every bin by what an encoder adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.fused import times

Tensor = tf.Tensor


class Rollout(NamedTuple):
    """A path and what its later bins came from; time comes first, and the first bin is not among them.

    Attributes:
        states: `(T-1, B, D)`.
        means: `(T-1, B, K, D)`: means of the next state under each discrete state, without correction.
        log_weights: `(T-1, B, K)`: log-probabilities of the discrete states given the path before, or those given.
    """

    states: Tensor
    means: Tensor
    log_weights: Tensor


class SwitchingStep(NamedTuple):
    """The generative model as functions of single bins.

    Attributes:
        means: `(x (B, D), t) -> (B, K, D)`: means of the next state.
        corrected: The same with the correction of the bin shown to the networks, or None where they do not see it.
        log_matrix: `(x (B, D), t) -> (B, K, K)` or `(K, K)`: log-probabilities of transitions, rows the states before.
        log_density: `(x (B, D), means (B, K, D)) -> (B, K)`: log N(x; means, Q).
    """

    means: Callable[[Tensor, Tensor], Tensor]
    corrected: Callable[[Tensor, Tensor], Tensor] | None
    log_matrix: Callable[[Tensor, Tensor], Tensor]
    log_density: Callable[[Tensor, Tensor], Tensor]


def additive_rollout(
    step: SwitchingStep,
    first: Tensor,
    shifts: Tensor,
    log_filter: Tensor | None,
    log_weights: Tensor | None = None,
    kept: Tensor | None = None,
) -> Rollout:
    """Rolls `x_t = A_t sum_k w_tk f_k(x_t-1) + shift_t` over time.

    The weights are the probabilities of the discrete states given the path so far, which a filter keeps up to date (the
    sum over all sequences of states is exact, none is drawn), or ones that are given.

    Args:
        step: The generative model; its t counts the later bins from 0.
        first: `(B, D)`: state of the first bin.
        shifts: `(T-1, B, D)`: correction plus noise of each later bin.
        log_filter: `(B, K)`: log p(z_0 | x_0).
        log_weights: `(T-1, B, K)`: logs of weights that are given.
        kept: `(T-1, B, D)` or `(T-1, B, D, D)`: A, what is kept of the prediction; None for all.
    """
    if shifts.shape[0] == 0:  # a TensorArray that nothing was written to has no shape
        n_states = (log_filter if log_weights is None else log_weights).shape[-1]
        weights = tf.zeros((0, *tf.unstack(tf.shape(first)[:1]), n_states), first.dtype)
        return Rollout(shifts, weights[..., None] * first[None, :, None], weights)
    given = None if log_weights is None else loops.Unstacked(log_weights)
    added, share = loops.Unstacked(shifts), None if kept is None else loops.Unstacked(kept)

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        x = carried[0]
        means = step.means(x, t)
        ahead = _predicted(step, x, t, carried[1]) if given is None else given[t]
        seen = means if step.corrected is None else step.corrected(x, t)
        x = times(None if share is None else share[t], tf.reduce_sum(tf.exp(ahead)[..., None] * seen, -2)) + added[t]
        if given is not None:
            return (x,), (x, means, ahead)
        return (x, tf.nn.log_softmax(ahead + step.log_density(x, means))), (x, means, ahead)

    states = (first,) if given is not None else (first, log_filter)
    return Rollout(*loops.scan(body, states, loops.n_steps(shifts), 3)[:3])


def _predicted(step: SwitchingStep, x: Tensor, t: Tensor, log_filter: Tensor) -> Tensor:
    """Returns log p(z_t | path before t), `(B, K)`."""
    if log_filter.shape[-1] == 1:
        return log_filter
    return tf.reduce_logsumexp(log_filter[..., None] + step.log_matrix(x, t), -2)
