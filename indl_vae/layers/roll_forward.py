"""Latent states continued by their dynamics."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.forced_scan import forced_scan
from indl_vae.layers.latent_steps import LatentStep


@keras.saving.register_keras_serializable(package="indl_vae")
class RollForward(keras.layers.Layer):
    """Appends what a latent step makes of the last state, step after step and without noise.

    Args:
        step: The latent step.
        n_bins: Number of bins to append.

    Call arguments:
        z: `(B, T, M)`.
        inputs: Optional `(B, T + n_bins, S)`: external input of all bins.

    Returns:
        `(B, T + n_bins, M)`.
    """

    def __init__(self, step: LatentStep, n_bins: int, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.step = keras.saving.deserialize_keras_object(step) if isinstance(step, dict) else step
        self.n_bins = int(n_bins)
        self.built = True

    def call(self, z, inputs=None):
        drive = self.step.drive(inputs)
        drive = None if drive is None else loops.time_major(drive)[-self.n_bins :]
        more = forced_scan(self.step.piecewise(), z[:, -1], self.n_bins, drive)
        return tf.concat([z, loops.time_major(more)], 1)

    def compute_output_spec(self, z, inputs=None):
        bins = None if z.shape[1] is None else z.shape[1] + self.n_bins
        return keras.KerasTensor((z.shape[0], bins, z.shape[2]), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"step": keras.saving.serialize_keras_object(self.step), "n_bins": self.n_bins}
        return {**super().get_config(), **own}
