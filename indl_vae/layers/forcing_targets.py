"""What states are forced to, and where."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class ForcingTargets(Seeded, keras.layers.Layer):
    """Observations, or encoded states, to force states to, with noise while training, and which of them there are.

    Args:
        noise: Deviation of the noise that is added to each entry.
        extra_bins: Bins appended at the end in which there is nothing.
        seed: Of the noise.

    Call arguments:
        x: `(B, T, N)`, in units of the states.
        seen: Optional `(B, T, N)`, boolean: entries that may be used.
        observed: Optional `(B, T, N)` or `(B, T)`, 0 where there is no observation.
        visible: Optional `(B, T, N)`, 0 where one is hidden.

    Returns:
        The targets `(B, T + extra_bins, N)`, 0 where there is none, and, alike, 1. where there is one and 0. elsewhere.
    """

    def __init__(self, noise: float = 0.0, extra_bins: int = 0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        if not noise >= 0.0:
            raise ConfigError(f"ForcingTargets: `noise` must be at least 0, got {noise}.")
        self.noise, self.extra_bins, self.seed = float(noise), int(extra_bins), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, seen=None, observed=None, visible=None, training=False):
        there = ops.ones_like(x)
        for mask in (seen, observed, visible):
            if mask is not None:
                mask = mask[..., None] if len(mask.shape) == 2 else mask
                there = there * ops.cast(ops.cast(mask, "float32") > 0, "float32")
        target = ops.where(there > 0, x, ops.zeros_like(x))
        if training and self.noise:
            target = target + self.noise * random.normal(ops.shape(x), self.seed_generator)
        room = [[0, 0], [0, self.extra_bins], [0, 0]]
        return ops.pad(target, room), ops.pad(there, room)

    def compute_output_spec(self, x, seen=None, observed=None, visible=None, training=False):
        bins = None if x.shape[1] is None else x.shape[1] + self.extra_bins
        shape = (x.shape[0], bins, x.shape[2])
        return keras.KerasTensor(shape, dtype="float32"), keras.KerasTensor(shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "noise": self.noise, "extra_bins": self.extra_bins, "seed": self.seed}


@keras.saving.register_keras_serializable(package="indl_vae")
class InverseReadout(keras.layers.Layer):
    """The least-squares states of observations, `x B^+`, under a linear read-out `z B` (Brenner, Hess et al. 2022).

    Args:
        readout: The read-out: a dense layer without activation.
        n_states: Number M of states.

    Call arguments:
        target: `(B, T, N)`.
        there: `(B, T, N)`, 0 where there is no observation.

    Returns:
        States `(B, T, M)`, and `(B, T, M)` of 1. in bins with every channel there and 0. elsewhere.
    """

    #: Added to the diagonal of the matrix that is inverted.
    RIDGE = 1e-6

    def __init__(self, readout: keras.layers.Dense, n_states: int, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.readout = keras.saving.deserialize_keras_object(readout) if isinstance(readout, dict) else readout
        self.n_states = int(n_states)

    def build(self, target_shape, there_shape=None) -> None:
        if not self.readout.built:
            self.readout.build((None, None, self.n_states))
        self.built = True

    def call(self, target, there):
        kernel = ops.convert_to_tensor(self.readout.kernel)[:, : target.shape[-1]]
        if self.readout.use_bias:
            target = target - ops.convert_to_tensor(self.readout.bias)[: target.shape[-1]]
        states = ops.matmul(target, _pseudo_inverse(kernel, self.RIDGE))
        whole = ops.min(there, axis=-1, keepdims=True)
        return states, ops.broadcast_to(whole, ops.shape(states))

    def compute_output_spec(self, target, there):
        shape = (*target.shape[:2], self.n_states)
        return keras.KerasTensor(shape, dtype="float32"), keras.KerasTensor(shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"readout": keras.saving.serialize_keras_object(self.readout), "n_states": self.n_states}
        return {**super().get_config(), **own}


def _pseudo_inverse(kernel, ridge: float):
    """Returns the Moore-Penrose inverse `(N, M)` of `(M, N)`, of full rank but for a small ridge."""
    wide = kernel.shape[0] >= kernel.shape[1]
    turned = ops.transpose(kernel)
    square = ops.matmul(turned, kernel) if wide else ops.matmul(kernel, turned)
    square = square + ridge * ops.eye(square.shape[0])
    return ops.solve(square, turned) if wide else ops.transpose(ops.solve(square, kernel))
