"""How rough a path is."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="indl_vae")
class PathRoughness(keras.layers.Layer):
    """Sum of the absolute first, second and third differences over time (Karniol-Tambour et al. 2024).

    Call arguments:
        x: `(B, T, D)`.
        steps: Optional `(B, T)`, 1 in bins of the trial; differences count where all their bins do.

    Returns:
        `(B,)`, summed over bins and dimensions.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.built = True

    def call(self, x, steps=None):
        total = tf.zeros_like(x[:, 0, 0])
        there = None if steps is None else steps[..., None] > 0
        for _ in range(3):
            x = x[:, 1:] - x[:, :-1]
            there = None if there is None else there[:, 1:] & there[:, :-1]
            total = total + tf.reduce_sum(tf.abs(x if there is None else tf.where(there, x, 0.0)), (1, 2))
        return total

    def compute_output_spec(self, x, steps=None):
        return keras.KerasTensor((x.shape[0],), dtype="float32")
