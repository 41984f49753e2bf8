"""A trained network that runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from indl_vae.builders import Observation
from indl_vae.distributions.priors import DynamicsPrior
from indl_vae.families.dendplrnn.forced import n_forced_states
from indl_vae.inference import loops
from indl_vae.inference.forced_scan import forced_scan
from indl_vae.layers import LatentStep, random
from indl_vae.models.needed_input import needed_input
from indl_vae.numerics import derive_seed
from indl_vae.params import Params


class FreeRun:
    """Runs the latent step from given or random states, and reads the states out.

    Args:
        params: Reads `training`, and `forced_states`: the states that an encoder's read-out reads.
        step: The latent step.
        observation: The observation model.
        prior: The dynamics as a prior; None where the states have none, and start from N(0, I).
    """

    def __init__(self, params: Params, step: LatentStep, observation: Observation, prior: DynamicsPrior | None) -> None:
        self.step, self.observation, self.prior = step, observation, prior
        self.n_read = n_forced_states(params) if params.training == "svae_forced" else step.dim
        self._run = tf.function(self._rolled, reduce_retracing=True, autograph=False)

    def sample_prior(
        self, n: int, n_bins: int, seed: int = 0, ext_input: Any = None, session: int = 0
    ) -> dict[str, tf.Tensor]:
        """Returns rates, factors and gen_states of trials that start at random; a prior has its process noise.

        Raises:
            ConfigError: An external input is needed.
        """
        ext = self._inputs(ext_input, n_bins)
        if self.prior is None:
            return self.read(self.roll(self.start(n, seed), n_bins, ext))
        return self.read(self.prior.sample(n, n_bins, seed, ext))

    def start(self, n: int, seed: int = 0) -> tf.Tensor:
        """Returns random first states `(n, M)`."""
        if self.prior is not None:
            return self.prior.sample_start(n, seed)
        return random.normal((n, self.step.dim), derive_seed(seed, "start"))

    def roll(self, start: Any, n_bins: int, inputs: Any = None) -> tf.Tensor:
        """Returns the states `(B, n_bins, M)` after each step from `start` `(B, M)`, without noise."""
        return self._run(tf.convert_to_tensor(start, tf.float32), tf.constant(n_bins), self._inputs(inputs, n_bins))

    def read(self, states: Any) -> dict[str, tf.Tensor]:
        """Returns rates (expected values) `(B, T, N)`, factors and gen_states `(B, T, M)` of states."""
        raw = self.observation(states[..., : self.n_read])
        return {"rates": self.observation.likelihood.mean(raw), "factors": states, "gen_states": states}

    def latent_map(self) -> LatentMap:
        """Returns the step as a function of arrays, for `indl_vae.analysis.dynamics`."""
        return LatentMap(self.step)

    def _rolled(self, start: tf.Tensor, n_bins: tf.Tensor, inputs: tf.Tensor | None) -> tf.Tensor:
        drive = self.step.drive(inputs)
        drive = None if drive is None else loops.time_major(drive)
        return loops.time_major(forced_scan(self.step.piecewise(), start, n_bins, drive))

    def _inputs(self, inputs: Any, n_bins: int) -> tf.Tensor | None:
        return needed_input(inputs, n_bins, self.step.input_dim)


class LatentMap:
    """A latent step and its Jacobian, NumPy in and NumPy out.

    Args:
        layer: The step.
    """

    def __init__(self, layer: LatentStep) -> None:
        self.dim, self._layer = layer.dim, layer
        self._step: Callable[..., Any] = tf.function(layer.__call__, reduce_retracing=True, autograph=False)
        self._jacobian: Callable[..., Any] = tf.function(layer.jacobian, reduce_retracing=True, autograph=False)

    def step(self, z: Any, inputs: Any = None) -> np.ndarray:
        """Returns the states `(..., M)` after `z`."""
        return self._call(self._step, z, inputs)

    def jacobian(self, z: Any, inputs: Any = None) -> np.ndarray:
        """Returns the derivatives `(..., M, M)` of the new states (rows) by the states `z` (columns)."""
        return self._call(self._jacobian, z, inputs)

    def weights(self) -> dict[str, np.ndarray]:
        """Returns the weights of the step by name."""
        return {weight.name: weight.numpy() for weight in self._layer.trainable_weights}

    def _call(self, function: Callable[..., Any], z: Any, inputs: Any) -> np.ndarray:
        inputs = None if inputs is None else tf.convert_to_tensor(np.asarray(inputs, np.float32))
        return function(tf.convert_to_tensor(np.asarray(z, np.float32)), inputs).numpy()
