"""The roll-out as it is written first: a network for each pair of regions, a Python loop over time, run eagerly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from benchmarks.regions.subject import path_loss
from indl_vae.layers import PairNetworks, SwitchingDynamics


class PerPair:
    """`x_t = sum_k w_tk (sum_j F_k^ij(x^j) + sum_l G_k^il(u_l)) + m_t`, one small network after the other.

    Args:
        system: Whose weights are copied, and whose start and discrete states are used.
    """

    def __init__(self, system: SwitchingDynamics) -> None:
        self.system = system
        self.between = copied(system.dynamics.between)
        self.from_inputs = copied(system.dynamics.from_inputs)

    def path(self, loc: tf.Tensor, u: tf.Tensor) -> tf.Tensor:
        """Returns the path `(B, T, D)` without noise, of corrections `(B, T, D)` and inputs `(B, T, U)`."""
        start = self.system.start
        log_first = tf.broadcast_to(start.log_probs, (len(loc), self.system.n_states))
        x = tf.exp(log_first) @ tf.convert_to_tensor(start.mean) + loc[:, 0]
        log_filter, path = tf.nn.log_softmax(start(x)), [x]
        for t in range(1, loc.shape[1]):
            means = tf.stack([self._mean(k, x, u[:, t]) for k in range(self.system.n_states)], 1)
            ahead = tf.reduce_logsumexp(log_filter[..., None] + self.system.transition(x, u[:, t]), -2)
            x = tf.reduce_sum(tf.exp(ahead)[..., None] * means, 1) + loc[:, t]
            log_filter = tf.nn.log_softmax(ahead + self.system.log_density(x, means))
            path.append(x)
        return tf.stack(path, 1)

    def _mean(self, k: int, x: tf.Tensor, u: tf.Tensor) -> tf.Tensor:
        sources = tf.split(x, self.system.dynamics.n_regions, -1)
        inputs = tf.split(u, u.shape[-1], -1)
        regions = []
        for between, given in zip(self.between[k], self.from_inputs[k], strict=True):
            messages = [network(source) for network, source in zip(between, sources, strict=True)]
            messages += [network(one) for network, one in zip(given, inputs, strict=True)]
            regions.append(tf.add_n(messages))
        return tf.concat(regions, -1)

    def run(self, loc: tf.Tensor, u: tf.Tensor) -> Callable[[], Any]:
        """Returns a function that makes the path and differentiates it by all weights of the dynamics."""
        layers = [network for stacks in (self.between, self.from_inputs) for network in tf.nest.flatten(stacks)]
        weights = [weight.value for network in layers for weight in network.trainable_weights]

        def run() -> tuple[tf.Tensor, list[tf.Tensor]]:
            with tf.GradientTape() as tape:
                tape.watch(loc)
                loss = path_loss(self.path(loc, u))
            return loss, tape.gradient(loss, [*weights, loc])

        return run


def copied(stack: PairNetworks) -> list[list[list[keras.Sequential]]]:
    """Returns the networks of a stack by state, target and source, each a model of its own with equal weights."""
    indices = range(stack.n_states), range(stack.n_targets), range(stack.n_sources)
    return [[[_network(stack, (k, i, j)) for j in indices[2]] for i in indices[1]] for k in indices[0]]


def _network(stack: PairNetworks, pair: tuple[int, int, int]) -> keras.Sequential:
    widths = [*stack.units, stack.out_dim]
    layers = [
        keras.layers.Dense(width, activation, use_bias=stack.use_bias)
        for width, activation in zip(widths, stack.activations, strict=True)
    ]
    network = keras.Sequential([keras.Input((stack.in_dim,)), *layers])
    # The stack adds its weights layer by layer: a kernel, then a bias `(1, out)` where there are biases.
    network.set_weights(
        [weight.numpy()[pair].reshape(to.shape) for weight, to in zip(stack.weights, network.weights, strict=True)]
    )
    return network
