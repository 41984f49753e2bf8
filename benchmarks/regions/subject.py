"""The sizes that are measured, and our roll-out on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from indl_vae.layers import DiscreteTransition, RegionDynamics, RolledPosterior, SwitchingDynamics, SwitchingStart


@dataclasses.dataclass(frozen=True)
class Size:
    """Sizes of a batch and of its model.

    Attributes:
        states: Number of discrete states K.
        bins: Of a trial, T.
        regions: R.
        dim: Latents d of a region.
        trials: Of a batch, B.
        hidden: Width H of both hidden layers.
        inputs: Width U of the external input, each entry with a linear network of its own.
    """

    states: int = 1
    bins: int = 184
    regions: int = 3
    dim: int = 2
    trials: int = 32
    hidden: int = 32
    inputs: int = 2


def make_posterior(size: Size, sampled: bool = True) -> RolledPosterior:
    """Returns an untrained posterior with additive corrections; of several states it sums over all sequences."""
    wide = size.regions * size.dim
    hidden = (size.hidden, size.hidden)
    dynamics = RegionDynamics(size.regions, size.dim, size.states, size.inputs, hidden, seed=1)
    transition = DiscreteTransition(size.states, wide, size.inputs, seed=1)
    system = SwitchingDynamics(dynamics, transition, SwitchingStart(size.states, wide, seed=1))
    return RolledPosterior(system, sampled=sampled, seed=1)


def make_batch(size: Size) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns corrections, their deviations, and inputs."""
    rng = np.random.default_rng(0)
    shape = size.trials, size.bins
    loc = 0.1 * rng.normal(size=(*shape, size.regions * size.dim))
    made = loc, np.full_like(loc, 0.1), rng.normal(size=(*shape, size.inputs))
    return tuple(tf.constant(one, tf.float32) for one in made)


def path_loss(path: tf.Tensor) -> tf.Tensor:
    """Returns what is differentiated where the path alone is wanted."""
    return tf.reduce_sum(tf.square(path))


def rollout(posterior: RolledPosterior, batch: tuple[tf.Tensor, ...], costs: bool = True) -> Callable[[], Any]:
    """Returns a function that draws a path and differentiates it, with its KL or without."""
    loc, scale, u = batch
    weights = [weight.value for weight in posterior.trainable_weights]

    def run() -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            tape.watch((loc, scale))
            made = posterior(loc, scale, u, training=True)
            loss = path_loss(made.sample) + (tf.reduce_sum(made.kl) if costs else 0.0)
        return loss, tape.gradient(loss, [*weights, loc, scale], unconnected_gradients="zero")

    return run
