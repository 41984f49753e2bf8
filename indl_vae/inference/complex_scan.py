"""LFADS's controller-generator-factors recurrence over time, fused, with its own backward pass."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.clipped_gru import clipped_gru, recurrent_gradient
from indl_vae.inference.gru_step import GRUStep, gru_factors, gru_step, gru_step_gradient, split_kernel

Tensor = tf.Tensor


class ComplexWeights(NamedTuple):
    """Weights inside the loop (input projections of the known inputs are made before it).

    Attributes:
        con_recurrent: `(C, 3C)`.
        con_factors: `(F, 3C)`: factors of the previous step into the controller.
        co_kernel, co_bias: `(C, 2Z)`, `(2Z,)`: controller state to mean and log-variance of the inferred input.
        gen_input: `(Z, 3G)`: inferred input into the generator.
        gen_recurrent: `(G, 3G)`.
        factors: `(G, F)`: generator state to factors.
    """

    con_recurrent: Tensor
    con_factors: Tensor
    co_kernel: Tensor
    co_bias: Tensor
    gen_input: Tensor
    gen_recurrent: Tensor
    factors: Tensor


class ComplexDraws(NamedTuple):
    """Everything random in a pass, drawn before the loop; a None mask means no dropout at that place.

    Attributes:
        noise: `(T, B, Z)`: standard normal noise of the inferred inputs; zeros give the posterior mean.
        con_factors: `(T, B, F)`: mask on the factors fed to the controller.
        gen_input: `(T, B, Z)`: mask on the inferred input fed to the generator.
        factors: `(T, B, G)`: mask on the generator state on its way to the factors.
        feedback: `(T, B, G)`: an own mask for the controller's copy of the previous factors (lfadslite and indl);
            None feeds back the very factors that were put out (AutoLFADS, lfads-torch).
    """

    noise: Tensor
    con_factors: Tensor | None = None
    gen_input: Tensor | None = None
    factors: Tensor | None = None
    feedback: Tensor | None = None


class ComplexStates(NamedTuple):
    """State carried from step to step: generator `(B, G)`, controller `(B, C)`, factors `(B, F)`."""

    gen: Tensor
    con: Tensor
    factors: Tensor


class ComplexOutput(NamedTuple):
    """All that the recurrence yields.

    Leading axes are `(B, T)` from the layer, `(T, B)` from the scan, `(B,)` from a step.

    Attributes:
        gen_states: Width G.
        con_states: Width C.
        z_mean, z_logvar, z_sample: Width Z: posterior of the inferred input and the draw used.
        factors: Width F.
    """

    gen_states: Tensor
    con_states: Tensor
    z_mean: Tensor
    z_logvar: Tensor
    z_sample: Tensor
    factors: Tensor


class StepTrace(NamedTuple):
    """A step's outputs and the gates that its backward pass needs."""

    output: ComplexOutput
    con: GRUStep
    gen: GRUStep


def _masked(values: Tensor, mask: Tensor | None) -> Tensor:
    return values if mask is None else values * mask


def complex_step(
    con_projected: Tensor,
    gen_projected: Tensor,
    states: ComplexStates,
    weights: ComplexWeights,
    draws: ComplexDraws,
    clip: float | None,
    feed_factors: bool = True,
) -> StepTrace:
    """Advances controller, inferred input, generator and factors by one bin (specs: LFADS, Online Methods).

    Args:
        con_projected: `(B, 3C)`: encoder code times kernel plus bias of the controller.
        gen_projected: `(B, 3G)`: external input times kernel plus bias of the generator.
        states, weights, draws: As described at their classes, draws without the time axis.
        clip: Limit of both states' absolute values, or None.
        feed_factors: Whether the controller sees the factors of the step before.
    """
    if feed_factors:
        fed = states.factors if draws.feedback is None else tf.matmul(states.gen * draws.feedback, weights.factors)
        con_projected = con_projected + tf.matmul(_masked(fed, draws.con_factors), weights.con_factors)
    con = gru_step(con_projected, states.con, *split_kernel(weights.con_recurrent), clip)
    mean, logvar = tf.split(tf.matmul(con.state, weights.co_kernel) + weights.co_bias, 2, -1)
    sample = mean + tf.exp(0.5 * logvar) * draws.noise
    gen_projected = gen_projected + tf.matmul(_masked(sample, draws.gen_input), weights.gen_input)
    gen = gru_step(gen_projected, states.gen, *split_kernel(weights.gen_recurrent), clip)
    factors = tf.matmul(_masked(gen.state, draws.factors), weights.factors)
    return StepTrace(ComplexOutput(gen.state, con.state, mean, logvar, sample, factors), con, gen)


def at_step(draws: ComplexDraws, t: Tensor) -> ComplexDraws:
    """Returns the draws of step `t`."""
    return ComplexDraws(*(None if value is None else value[t] for value in draws))


def complex_scan(
    con_projected: Tensor,
    gen_projected: Tensor,
    initial: ComplexStates,
    weights: ComplexWeights,
    draws: ComplexDraws,
    clip: float | None,
    feed_factors: bool = True,
) -> ComplexOutput:
    """Runs `complex_step` over time, `(T, B, ...)` throughout; arguments as there, with a leading time axis."""

    @tf.custom_gradient
    def run(*flat: Tensor):
        con_p, gen_p, initial_, weights_ = flat[0], flat[1], ComplexStates(*flat[2:5]), ComplexWeights(*flat[5:])
        output, con_trace, gen_trace = _forward(con_p, gen_p, initial_, weights_, draws, clip, feed_factors)

        def gradient(*d_output: Tensor):
            return _backward(
                ComplexOutput(*d_output), output, con_trace, gen_trace, initial_, weights_, draws, clip, feed_factors
            )

        return tuple(output), gradient

    return ComplexOutput(*run(*(tf.convert_to_tensor(a) for a in (con_projected, gen_projected, *initial, *weights))))


def _forward(con_projected, gen_projected, initial, weights, draws, clip, feed_factors):
    def body(t, carried):
        trace = complex_step(
            con_projected[t], gen_projected[t], ComplexStates(*carried), weights, at_step(draws, t), clip, feed_factors
        )
        out = trace.output
        carried = (out.gen_states, out.con_states, out.factors)
        return carried, (*out, trace.con.gates, trace.con.candidate, trace.gen.gates, trace.gen.candidate)

    stacked = loops.scan(body, tuple(initial), loops.n_steps(con_projected), 10)
    return ComplexOutput(*stacked[:6]), stacked[6:8], stacked[8:10]


def _backward(d_out, output, con_trace, gen_trace, initial, weights, draws, clip, feed_factors):
    """Gradients of all arguments: one backward loop for the pre-activations, then one product per weight."""
    con_previous = loops.shifted(output.con_states, initial.con)
    gen_previous = loops.shifted(output.gen_states, initial.gen)
    con_factors = gru_factors(output.con_states, con_previous, *con_trace, clip, None)
    gen_factors = gru_factors(output.gen_states, gen_previous, *gen_trace, clip, None)
    noise_scale = 0.5 * (output.z_sample - output.z_mean)  # d sample / d logvar = eps exp(logvar/2) / 2
    transposed = ComplexWeights(*(tf.transpose(w) for w in weights))
    con_kernels = [tf.transpose(k) for k in split_kernel(weights.con_recurrent)]
    gen_kernels = [tf.transpose(k) for k in split_kernel(weights.gen_recurrent)]

    def back(t, carried):
        d_gen, d_con, d_fed = carried
        drawn = at_step(draws, t)
        d_factors = d_fed + d_out.factors[t]
        d_gen = d_gen + d_out.gen_states[t] + _masked(tf.matmul(d_factors, transposed.factors), drawn.factors)
        d_gen_projected, d_gen = gru_step_gradient(d_gen, gen_factors, t, *gen_kernels)
        d_sample = d_out.z_sample[t] + _masked(tf.matmul(d_gen_projected, transposed.gen_input), drawn.gen_input)
        d_heads = tf.concat([d_out.z_mean[t] + d_sample, d_out.z_logvar[t] + d_sample * noise_scale[t]], -1)
        d_con = d_con + d_out.con_states[t] + tf.matmul(d_heads, transposed.co_kernel)
        d_con_projected, d_con = gru_step_gradient(d_con, con_factors, t, *con_kernels)
        d_fed = tf.zeros_like(d_fed)
        d_seen = d_fed
        if feed_factors:
            d_seen = _masked(tf.matmul(d_con_projected, transposed.con_factors), drawn.con_factors)
            if drawn.feedback is None:
                d_fed = d_seen
            else:
                d_gen = d_gen + tf.matmul(d_seen, transposed.factors) * drawn.feedback
        return (d_gen, d_con, d_fed), (d_con_projected, d_gen_projected, d_heads, d_factors, d_seen)

    zeros = tuple(tf.zeros_like(s) for s in initial)
    d_con_p, d_gen_p, d_heads, d_factors, d_seen, *d_initial = loops.scan(
        back, zeros, loops.n_steps(output.factors), 5, reverse=True
    )
    d_weights = _weight_gradients(
        output,
        con_trace,
        gen_trace,
        con_previous,
        gen_previous,
        initial,
        weights,
        draws,
        feed_factors,
        (d_con_p, d_gen_p, d_heads, d_factors, d_seen),
    )
    return (d_con_p, d_gen_p, *d_initial, *d_weights)


def _weight_gradients(
    output, con_trace, gen_trace, con_previous, gen_previous, initial, weights, draws, feed_factors, d_steps
) -> ComplexWeights:
    d_con_p, d_gen_p, d_heads, d_factors, d_seen = d_steps
    d_factor_kernel = loops.outer(_masked(output.gen_states, draws.factors), d_factors)
    d_con_factors = tf.zeros_like(weights.con_factors)
    if feed_factors:
        if draws.feedback is None:
            fed = loops.shifted(output.factors, initial.factors)
        else:
            fed = loops.product(gen_previous * draws.feedback, weights.factors)
            d_factor_kernel += loops.outer(gen_previous * draws.feedback, d_seen)
        d_con_factors = loops.outer(_masked(fed, draws.con_factors), d_con_p)
    return ComplexWeights(
        con_recurrent=recurrent_gradient(con_previous, con_trace[0], d_con_p),
        con_factors=d_con_factors,
        co_kernel=loops.outer(output.con_states, d_heads),
        co_bias=tf.reduce_sum(d_heads, (0, 1)),
        gen_input=loops.outer(_masked(output.z_sample, draws.gen_input), d_gen_p),
        gen_recurrent=recurrent_gradient(gen_previous, gen_trace[0], d_gen_p),
        factors=d_factor_kernel,
    )


def generator_scan(
    gen_projected: Tensor,
    initial_state: Tensor,
    gen_recurrent: Tensor,
    factor_kernel: Tensor,
    factor_mask: Tensor | None,
    clip: float | None,
) -> tuple[Tensor, Tensor]:
    """The recurrence without a controller: nothing feeds back, so the factors are one product after the loop.

    Returns:
        Generator states `(T, B, G)` and factors `(T, B, F)`.
    """
    states = clipped_gru(gen_projected, initial_state, gen_recurrent, clip)
    return states, loops.product(_masked(states, factor_mask), factor_kernel)
