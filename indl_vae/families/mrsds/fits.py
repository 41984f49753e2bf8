"""Fits of the parts of a model to given paths of the latents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.builders import RegionReadout
from indl_vae.data.split import Split
from indl_vae.families.mrsds.principal_paths import PrincipalPaths
from indl_vae.families.mrsds.switching_regression import step_states
from indl_vae.inference.forward_backward import log_evidence
from indl_vae.inference.smoothed_states import smoothed_states
from indl_vae.layers import SwitchingDynamics
from indl_vae.layers.regions.predicted_path import predicted
from indl_vae.models.objective import entry_nll

#: Learning rates of the fits; that of the dynamics is higher, whose networks are small.
_RATE, _DYNAMICS_RATE = 3e-3, 1e-2
#: Share of the steps in which states are those of the switching regression, before they are summed out.
_LABELLED = 0.4


def fit_readout(readout: RegionReadout, split: Split, paths: PrincipalPaths, steps: int, batch: int, seed: int) -> None:
    """Fits the read-outs and the likelihood to the data, given the paths."""
    weights = [w for region in range(readout.n_regions) for layer in readout.layers_of(region) for w in layer.weights]
    weights += readout.likelihood.trainable_weights
    mask = np.ones_like(split.x) if split.mask is None else split.mask

    def loss(x: tf.Tensor, y: tf.Tensor, counted: tf.Tensor) -> tf.Tensor:
        nll = entry_nll(readout.likelihood, y, readout(x), counted)
        return tf.reduce_sum(nll) / tf.maximum(tf.reduce_sum(counted), 1.0)

    _fit(loss, weights, _batches((paths.latents, split.x, mask), steps, batch, seed), _RATE)


def fit_dynamics(
    system: SwitchingDynamics, split: Split, paths: PrincipalPaths, steps: int, batch: int, seed: int
) -> None:
    """Fits the dynamics to the paths: first with states from a switching regression, then with states summed out."""
    labels = step_states(paths.latents, system.n_states, seed, paths.steps, split.ext_input)

    def labelled(x, shown, here, u=None):
        made = system(x, u)
        density = tf.reduce_sum(tf.reduce_sum(shown * made.log_density, -1) * here, 1)
        moves = shown[:, :-1, :, None] * shown[:, 1:, None, :] * made.log_matrix
        follow = tf.reduce_sum(tf.reduce_sum(moves, (-2, -1)) * here[:, 1:], 1)
        start = tf.reduce_sum(shown[:, 0] * made.log_start, -1)
        return -tf.reduce_mean(density + follow + start)

    def summed(x, shown, here, u=None):
        return -tf.reduce_mean(log_evidence(*system(x, u), here))

    weights, n_labelled = system.trainable_weights, int(_LABELLED * steps) if system.n_states > 1 else 0
    arrays = (paths.latents, labels, paths.steps) + (() if split.ext_input is None else (split.ext_input,))
    _fit(labelled, weights, _batches(arrays, n_labelled, batch, seed), _DYNAMICS_RATE)
    _fit(summed, weights, _batches(arrays, steps - n_labelled, batch, seed + 1), _DYNAMICS_RATE)


def fit_encoder(
    core: keras.Model,
    system: SwitchingDynamics,
    split: Split,
    paths: PrincipalPaths,
    additive: bool,
    steps: int,
    batch: int,
    seed: int,
) -> None:
    """Fits the encoder's head to the paths, or if it is `additive` to what the dynamics miss of them."""
    target = paths.latents
    if additive:
        target = target - _predicted(system, split, paths)
    head = keras.Model(core.inputs, core.output["_told"])
    weights = [
        w for layer in core.layers if layer.name.startswith(("embedding_", "z_")) for w in layer.trainable_weights
    ]
    batch_of = split.batch()
    given = {name: np.asarray(value, np.float32) for name, value in batch_of.items() if name in core.input}
    names = tuple(given)

    def loss(wanted: tf.Tensor, here: tf.Tensor, *values: tf.Tensor) -> tf.Tensor:
        found = head({**dict.fromkeys(core.input), **dict(zip(names, values, strict=True))}, training=True)
        missed = tf.reduce_sum(tf.square(found - wanted), -1) * here
        return tf.reduce_sum(missed) / tf.maximum(tf.reduce_sum(here), 1.0)

    _fit(loss, weights, _batches((target, paths.steps, *given.values()), steps, batch, seed + 2), _RATE)


def _predicted(system: SwitchingDynamics, split: Split, paths: PrincipalPaths) -> np.ndarray:
    """Returns the paths predicted one bin ahead, from the prior mean in the first bin."""
    x = tf.constant(paths.latents)
    u = None if split.ext_input is None else tf.constant(split.ext_input)
    probs = smoothed_states(*system(x, u), tf.constant(paths.steps))
    ahead = predicted(system, x, probs, u).numpy()
    ahead[:, 0] = tf.matmul(tf.exp(system.start.log_probs)[None], tf.convert_to_tensor(system.start.mean)).numpy()
    return ahead


def _batches(arrays: Sequence[np.ndarray], steps: int, batch: int, seed: int) -> Iterator[list[tf.Tensor]]:
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.choice(len(arrays[0]), batch, replace=False)
        yield [tf.constant(array[rows], tf.float32) for array in arrays]


def _fit(loss: Callable[..., tf.Tensor], weights: list[Any], batches: Iterator[Any], rate: float) -> None:
    """Takes a step of Adam on each batch."""
    optimizer = keras.optimizers.Adam(rate, global_clipnorm=10.0)
    optimizer.build(weights)

    @tf.function(reduce_retracing=True, autograph=False)
    def step(*values: tf.Tensor) -> None:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for weight in weights:
                tape.watch(weight.value)
            value = loss(*values)
        gradients = tape.gradient(value, [weight.value for weight in weights], unconnected_gradients="zero")
        optimizer.apply(gradients, weights)

    for values in batches:
        step(*values)
