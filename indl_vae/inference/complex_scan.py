"""LFADS's controller-generator-factors recurrence over time, fused, with its own backward pass."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.clipped_gru import clipped_gru, recurrent_gradient
from indl_vae.inference.complex_step import (
    ComplexDraws,
    ComplexOutput,
    ComplexStates,
    ComplexWeights,
    complex_step,
    masked,
)
from indl_vae.inference.gru_step import GRUKernels, GRUStep, gru_derivatives, gru_step_gradient
from indl_vae.inference.rate_link import RateLink

Tensor = tf.Tensor


class _Trace(NamedTuple):
    """What the forward loop leaves, `(T, B, ...)`: outputs, and the gates that the backward loop needs."""

    output: ComplexOutput
    con: GRUStep
    gen: GRUStep


class _Gradients(NamedTuple):
    """What the backward loop leaves of every step, `(T, B, ...)`.

    Attributes:
        con, gen: Of the pre-activations of controller and generator.
        heads: Of mean and log-variance, side by side.
        factors: Of the factors.
        seen: Of the factors as the controller sees them, before their dropout.
    """

    con: Tensor
    gen: Tensor
    heads: Tensor
    factors: Tensor
    seen: Tensor


def complex_scan(
    con_projected: Tensor,
    gen_projected: Tensor | None,
    initial: ComplexStates,
    weights: ComplexWeights,
    draws: ComplexDraws,
    clip: float | None,
    feed_factors: bool = True,
    fused: bool = True,
    link: RateLink | None = None,
) -> ComplexOutput:
    """Runs `complex_step` over time, `(T, B, ...)` throughout; arguments as there, with a leading time axis.

    Without `fused`, the backward pass is left to TensorFlow: a plain loop, to check and to measure against.
    """
    projected = (con_projected,) if gen_projected is None else (con_projected, gen_projected)
    n = len(projected)

    @tf.custom_gradient
    def run(*flat: Tensor):
        given, initial_, weights_ = flat[:n], ComplexStates(*flat[n : n + 3]), ComplexWeights(*flat[n + 3 :])
        trace = _forward(given, initial_, weights_, draws, clip, feed_factors, link)

        def gradient(*d_output: Tensor):
            d_steps, d_initial, d_weights = _backward(
                ComplexOutput(*d_output), trace, initial_, weights_, draws, clip, feed_factors, link
            )
            return (d_steps.con, d_steps.gen)[:n] + tuple(d_initial) + _given(d_weights)

        return tuple(trace.output), gradient

    if not fused:
        steps = tuple(loops.Unstacked(tf.convert_to_tensor(sequence)) for sequence in projected)
        return _forward(steps, initial, weights, draws, clip, feed_factors, link).output
    return ComplexOutput(*run(*(tf.convert_to_tensor(a) for a in (*projected, *initial, *_given(weights)))))


def _given(weights: ComplexWeights) -> tuple[Tensor, ...]:
    """Returns the weights that there are: those of the rates come last and may be missing."""
    return tuple(weight for weight in weights if weight is not None)


def _forward(projected, initial, weights, draws, clip, feed_factors, link) -> _Trace:
    con_projected, gen_projected = projected if len(projected) == 2 else (*projected, None)

    def body(t, carried):
        gen_t = None if gen_projected is None else gen_projected[t]
        trace = complex_step(
            con_projected[t], gen_t, ComplexStates(*carried), weights, loops.at(t, draws), clip, feed_factors, link
        )
        out = trace.output
        carried = (out.gen_states, out.con_states, out.factors)
        return carried, (*out, trace.con.gates, trace.con.candidate, trace.gen.gates, trace.gen.candidate)

    stacked = loops.scan(body, tuple(initial), loops.n_steps(con_projected), 10)
    output = ComplexOutput(*stacked[:6])
    return _Trace(output, GRUStep(output.con_states, *stacked[6:8]), GRUStep(output.gen_states, *stacked[8:10]))


def _backward(d_out, trace: _Trace, initial, weights, draws, clip, feed_factors, link):
    """Gradients of all arguments: one backward loop for the pre-activations, then one product per weight."""
    previous = ComplexStates(
        loops.shifted(trace.gen.state, initial.gen), loops.shifted(trace.con.state, initial.con), None
    )
    fed = _fed(trace, previous, initial, weights, draws, link) if feed_factors else None
    step_back = _step_back(d_out, trace, previous, weights, draws, clip, fed)
    zeros = tuple(tf.zeros_like(state) for state in initial)
    *stacked, d_gen, d_con, d_fed = loops.scan(step_back, zeros, loops.n_steps(d_out.factors), 5, reverse=True)
    d_steps = _Gradients(*stacked)
    d_weights = _weight_gradients(d_steps, trace, previous, weights, draws, fed)
    return d_steps, ComplexStates(d_gen, d_con, d_fed), d_weights


class _Fed(NamedTuple):
    """What the controller is told of every step before, `(T, B, ...)`.

    Attributes:
        factors: The factors, or those with a mask of their own.
        values: What it sees, before dropout: these factors, or rates.
        slope: Derivative of the rates to their read-out; None where factors are fed.
    """

    factors: Tensor
    values: Tensor
    slope: Tensor | None


def _fed(trace: _Trace, previous, initial, weights, draws, link) -> _Fed:
    if draws.feedback is None:
        factors = loops.shifted(trace.output.factors, initial.factors)
    else:
        factors = loops.product(previous.gen * draws.feedback, weights.factors)
    if link is None:
        return _Fed(factors, factors, None)
    readout = loops.product(factors, weights.rate_kernel) + weights.rate_bias
    return _Fed(factors, link.mean(readout), link.slope(readout))


def _step_back(d_out, trace: _Trace, previous, weights, draws, clip, fed: _Fed | None):
    """Returns the body of the backward loop."""
    noise_scale = 0.5 * (trace.output.z_sample - trace.output.z_mean)  # d sample / d logvar = eps exp(logvar/2) / 2
    transposed = ComplexWeights(*(tf.transpose(w) for w in _given(weights)))
    con_kernels = GRUKernels.transposed(weights.con_recurrent)
    gen_kernels = GRUKernels.transposed(weights.gen_recurrent)
    con, gen = (
        loops.per_step(lambda *step: gru_derivatives(*step, clip), gru, before)
        for gru, before in ((trace.con, previous.con), (trace.gen, previous.gen))
    )

    def body(t, carried):
        d_gen, d_con, d_fed = carried
        drawn = loops.at(t, draws)
        d_factors = d_fed + d_out.factors[t]
        d_gen = d_gen + d_out.gen_states[t] + masked(tf.matmul(d_factors, transposed.factors), drawn.factors)
        d_gen_projected, d_gen = gru_step_gradient(d_gen, gen(t), gen_kernels)
        d_sample = d_out.z_sample[t] + masked(tf.matmul(d_gen_projected, transposed.gen_input), drawn.gen_input)
        d_heads = tf.concat([d_out.z_mean[t] + d_sample, d_out.z_logvar[t] + d_sample * noise_scale[t]], -1)
        d_con = d_con + d_out.con_states[t] + loops.thin_product(d_heads, transposed.co_kernel)
        d_con_projected, d_con = gru_step_gradient(d_con, con(t), con_kernels)
        d_fed = tf.zeros_like(d_fed)
        d_seen = d_fed
        if fed is not None:
            d_seen = masked(tf.matmul(d_con_projected, transposed.con_factors), drawn.con_factors)
            if fed.slope is not None:
                d_seen = tf.matmul(d_seen * fed.slope[t], transposed.rate_kernel)
            if drawn.feedback is None:
                d_fed = d_seen
            else:
                d_gen = d_gen + tf.matmul(d_seen, transposed.factors) * drawn.feedback
        return (d_gen, d_con, d_fed), (d_con_projected, d_gen_projected, d_heads, d_factors, d_seen)

    return body


def _weight_gradients(d_steps: _Gradients, trace: _Trace, previous, weights, draws, fed: _Fed | None) -> ComplexWeights:
    output = trace.output
    d_factor_kernel = loops.outer(masked(output.gen_states, draws.factors), d_steps.factors)
    d_con_factors, d_rates = tf.zeros_like(weights.con_factors), (None, None)
    if fed is not None:
        if draws.feedback is not None:
            d_factor_kernel += loops.outer(previous.gen * draws.feedback, d_steps.seen)
        if fed.slope is not None:
            d_fed = masked(loops.product(d_steps.con, tf.transpose(weights.con_factors)), draws.con_factors)
            d_readout = d_fed * fed.slope
            d_rates = loops.outer(fed.factors, d_readout), tf.reduce_sum(d_readout, (0, 1))
        d_con_factors = loops.outer(masked(fed.values, draws.con_factors), d_steps.con)
    return ComplexWeights(
        con_bias=tf.reduce_sum(d_steps.con, (0, 1)),
        con_recurrent=recurrent_gradient(previous.con, trace.con.gates, d_steps.con),
        con_factors=d_con_factors,
        co_kernel=loops.outer(output.con_states, d_steps.heads),
        co_bias=tf.reduce_sum(d_steps.heads, (0, 1)),
        gen_bias=tf.reduce_sum(d_steps.gen, (0, 1)),
        gen_input=loops.outer(masked(output.z_sample, draws.gen_input), d_steps.gen),
        gen_recurrent=recurrent_gradient(previous.gen, trace.gen.gates, d_steps.gen),
        factors=d_factor_kernel,
        rate_kernel=d_rates[0],
        rate_bias=d_rates[1],
    )


def generator_scan(
    gen_projected: Tensor,
    gen_bias: Tensor,
    initial_state: Tensor,
    gen_recurrent: Tensor,
    factor_kernel: Tensor,
    factor_mask: Tensor | None,
    clip: float | None,
    fused: bool = True,
) -> tuple[Tensor, Tensor]:
    """The recurrence without a controller: nothing feeds back, so the factors are one product after the loop.

    Returns:
        Generator states `(T, B, G)` and factors `(T, B, F)`.
    """
    states = clipped_gru(gen_projected, gen_bias, initial_state, gen_recurrent, clip, fused=fused)
    return states, loops.product(masked(states, factor_mask), factor_kernel)
