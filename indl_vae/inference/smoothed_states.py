"""Probabilities of discrete states that losses may depend on."""

from __future__ import annotations

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.forward_backward import first_factor, held, later_factors, with_unit

Tensor = tf.Tensor


def smoothed_states(log_start: Tensor, log_matrix: Tensor, log_density: Tensor, steps: Tensor | None = None) -> Tensor:
    """Returns the probability `(B, T, K)` of each state in each bin given all bins, by a loop each way (Rabiner 1989).

    The numbers are those of `state_posteriors`, which takes them as gradients of the evidence; to differentiate these
    is to differentiate loops twice, which XLA compiles anew for every batch. Arguments are those of `log_evidence`.
    """
    if log_density.shape[-1] == 1:
        return tf.ones_like(log_density)
    factors = loops.time_major(with_unit(later_factors(log_matrix, log_density, steps)))
    first = tf.nn.log_softmax(first_factor(log_start, log_density, steps))
    each, n = loops.Unstacked(factors), loops.n_steps(factors)

    def forward(t: Tensor, carried: tuple[Tensor, ...]):
        return (tf.nn.log_softmax(tf.reduce_logsumexp(carried[0][..., None] + each[t], -2)),), carried

    def backward(t: Tensor, carried: tuple[Tensor, ...]):
        made = tf.nn.log_softmax(tf.reduce_logsumexp(each[t] + carried[0][:, None], -1))
        return (made,), (made,)

    before = loops.scan(forward, (first,), n, 1)[0]
    after = loops.scan(backward, (tf.zeros_like(first),), n, 1, reverse=True)[0]
    states = loops.time_major(tf.nn.softmax(before + after))
    return states if steps is None else held(states, steps)
