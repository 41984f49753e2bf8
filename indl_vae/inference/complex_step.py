"""One bin of LFADS's recurrence: controller, inferred input, generator, factors."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.gru_step import GRUStep, gru_step, split_kernel
from indl_vae.inference.rate_link import RateLink

Tensor = tf.Tensor


class ComplexWeights(NamedTuple):
    """Weights inside the loop (input projections of the known inputs are made before it).

    Attributes:
        con_bias: `(3C,)`.
        con_recurrent: `(C, 3C)`.
        con_factors: `(F, 3C)`: factors of the previous step into the controller; `(N, 3C)` where rates are fed.
        co_kernel, co_bias: `(C, 2Z)`, `(2Z,)`: controller state to mean and log-variance of the inferred input.
        gen_bias: `(3G,)`.
        gen_input: `(Z, 3G)`: inferred input into the generator.
        gen_recurrent: `(G, 3G)`.
        factors: `(G, F)`: generator state to factors.
        rate_kernel, rate_bias: `(F, N)`, `(N,)`: factors to the read-out of the rates; None where no rates are fed.
    """

    con_bias: Tensor
    con_recurrent: Tensor
    con_factors: Tensor
    co_kernel: Tensor
    co_bias: Tensor
    gen_bias: Tensor
    gen_input: Tensor
    gen_recurrent: Tensor
    factors: Tensor
    rate_kernel: Tensor | None = None
    rate_bias: Tensor | None = None


class ComplexDraws(NamedTuple):
    """Everything random in a pass, drawn before the loop; a None mask means no dropout at that place.

    Attributes:
        noise: `(T, B, Z)`: standard normal noise of the inferred inputs; zeros give the posterior mean.
        con_factors: `(T, B, F)`, or N: mask on the factors, or rates, fed to the controller.
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


def masked(values: Tensor, mask: Tensor | None) -> Tensor:
    """Returns values times a mask; the values themselves where there is none."""
    return values if mask is None else values * mask


def complex_step(
    con_projected: Tensor,
    gen_projected: Tensor | None,
    states: ComplexStates,
    weights: ComplexWeights,
    draws: ComplexDraws,
    clip: float | None,
    feed_factors: bool = True,
    link: RateLink | None = None,
) -> StepTrace:
    """Advances controller, inferred input, generator and factors by one bin (specs: LFADS, Online Methods).

    Args:
        con_projected: `(B, 3C)`: encoder code times kernel of the controller.
        gen_projected: `(B, 3G)`: external input times kernel of the generator, or None without one.
        states, weights, draws: As described at their classes, draws without the time axis.
        clip: Limit of both states' absolute values, or None.
        feed_factors: Whether the controller sees the factors, or rates, of the step before.
        link: From the read-out to rates, where those are fed in place of the factors.
    """
    if feed_factors:
        fed = states.factors if draws.feedback is None else tf.matmul(states.gen * draws.feedback, weights.factors)
        if link is not None:
            fed = link.mean(tf.matmul(fed, weights.rate_kernel) + weights.rate_bias)
        con_projected = con_projected + tf.matmul(masked(fed, draws.con_factors), weights.con_factors)
    con = gru_step(con_projected, weights.con_bias, states.con, *split_kernel(weights.con_recurrent), clip)
    mean, logvar = tf.split(tf.matmul(con.state, weights.co_kernel) + weights.co_bias, 2, -1)
    sample = mean + tf.exp(0.5 * logvar) * draws.noise
    driven = loops.thin_product(masked(sample, draws.gen_input), weights.gen_input)
    driven = driven if gen_projected is None else gen_projected + driven
    gen = gru_step(driven, weights.gen_bias, states.gen, *split_kernel(weights.gen_recurrent), clip)
    factors = tf.matmul(masked(gen.state, draws.factors), weights.factors)
    return StepTrace(ComplexOutput(gen.state, con.state, mean, logvar, sample, factors), con, gen)
