"""States that a dynamical system makes, corrected in every bin by what an encoder adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """The generative model as functions of single bins, or of all later bins at once.

    With t a number, x is one bin's, `(B, D)`; with t None, it has all of them, `(T-1, B, D)`, and so have results.

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


class _Bins(NamedTuple):
    """What is given for each later bin: `shifts`, `log_weights` and `kept` of `additive_rollout`."""

    shifts: Tensor
    log_weights: Tensor | None
    kept: Tensor | None


def additive_rollout(
    step: SwitchingStep,
    first: Tensor,
    shifts: Tensor,
    log_filter: Tensor | None,
    log_weights: Tensor | None = None,
    kept: Tensor | None = None,
    own_gradient: bool = True,
) -> Rollout:
    """Rolls `x_t = A_t sum_k w_tk f_k(x_t-1) + shift_t` over time.

    The weights are the probabilities of the discrete states given the path so far, which a filter keeps up to date (the
    sum over all sequences of states is exact, none is drawn), or ones that are given.

    The loop forwards keeps the states alone, the loop backwards gives the gradient of each bin's results alone, and
    gradients of weights and sequences are those of one call of the step on all bins. Second derivatives are not
    defined.

    Args:
        step: The generative model; its t counts the later bins from 0.
        first: `(B, D)`: state of the first bin.
        shifts: `(T-1, B, D)`: correction plus noise of each later bin.
        log_filter: `(B, K)`: log p(z_0 | x_0).
        log_weights: `(T-1, B, K)`: logs of weights that are given.
        kept: `(T-1, B, D)` or `(T-1, B, D, D)`: A, what is kept of the prediction; None for all.
        own_gradient: False leaves the backward pass to TensorFlow: a plain loop, to check and to measure against.
    """
    if shifts.shape[0] == 0:  # a TensorArray that nothing was written to has no shape
        n_states = (log_filter if log_weights is None else log_weights).shape[-1]
        weights = tf.zeros((0, *tf.unstack(tf.shape(first)[:1]), n_states), first.dtype)
        return Rollout(shifts, weights[..., None] * first[None, :, None], weights)
    bins = _Bins(shifts, log_weights, kept)
    start = (first,) if log_weights is not None else (first, log_filter)
    made = _rolled(step, start, bins)
    if not own_gradient:
        return Rollout(made[0], *made[len(start) :])
    made = [tf.stop_gradient(one) for one in made]
    before = [tf.stop_gradient(loops.shifted(one, begin)) for one, begin in zip(made, start, strict=False)]
    after = _advanced(step, before, None, bins)
    return Rollout(*_adjoint(step, bins, before, made, after, start))


def _rolled(step: SwitchingStep, start: tuple[Tensor, ...], bins: _Bins) -> tuple[Tensor, ...]:
    """Returns what `_advanced` does, of all bins."""

    def body(t: Tensor, carried: tuple[Tensor, ...]):
        made = _advanced(step, carried, t, bins)
        return made[: len(start)], made

    n = loops.n_steps(bins.shifts)
    return loops.scan(body, start, n, len(start) + 2)[: len(start) + 2]


def _advanced(step: SwitchingStep, carried: Sequence[Tensor], t: Tensor | None, bins: _Bins) -> tuple[Tensor, ...]:
    """Returns the next x, the next filter where there is one, the means and the log-weights; t None for all bins."""
    now = bins if t is None else _Bins(*(None if one is None else one[t] for one in bins))
    x = carried[0]
    means = step.means(x, t)
    ahead = _predicted(step, x, t, carried[1]) if now.log_weights is None else now.log_weights
    seen = means if step.corrected is None else step.corrected(x, t)
    x = times(now.kept, tf.reduce_sum(tf.exp(ahead)[..., None] * seen, -2)) + now.shifts
    if now.log_weights is not None:
        return x, means, ahead
    return x, tf.nn.log_softmax(ahead + step.log_density(x, means)), means, ahead


def _adjoint(step: SwitchingStep, bins: _Bins, before, made, after, start) -> list[Tensor]:
    """Passes x, means and log-weights on; backwards, adds to each bin's gradient what comes from the bins after it.

    `after` is the same as `made`, as the step makes it of all `before` at once: gradients go there, values do not.
    """
    n = len(start)

    @tf.custom_gradient
    def run(*_):
        def gradient(*wanted: Tensor):
            whole, first = _backward(step, bins, before, wanted)
            return *whole, *wanted[1:], *first

        return [tf.identity(one) for one in (made[0], *made[n:])], gradient

    return run(*after, *start)


def _backward(step: SwitchingStep, bins: _Bins, before: Sequence[Tensor], wanted: Sequence[Tensor]):
    """Returns the whole gradients of x and filter of each later bin `(T-1, ...)`, and of the first one."""

    def back(t: Tensor, carried: tuple[Tensor, ...]):
        whole = (wanted[0][t] + carried[0], *carried[1:])
        states = [one[t] for one in before]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(states)
            made = _advanced(step, states, t, bins)
        given = (*whole, *(one[t] for one in wanted[1:]))
        return tape.gradient(made, states, given, unconnected_gradients="zero"), whole

    start = tuple(tf.zeros_like(one[0]) for one in before)
    n = len(start)
    found = loops.scan(back, start, loops.n_steps(wanted[0]), n, reverse=True)
    return found[:n], found[n:]


def _predicted(step: SwitchingStep, x: Tensor, t: Tensor | None, log_filter: Tensor) -> Tensor:
    """Returns log p(z_t | path before t), `(..., K)`."""
    if log_filter.shape[-1] == 1:
        return log_filter
    return tf.reduce_logsumexp(log_filter[..., None] + step.log_matrix(x, t), -2)
