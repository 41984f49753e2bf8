"""A static vector at every bin."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class TileOverTime(keras.layers.Layer):
    """Repeats `(B, D)` over the bins of a sequence `(B, T, W)`, giving `(B, T, D)`."""

    def call(self, static, sequence):
        return ops.repeat(static[:, None], ops.shape(sequence)[1], axis=1)

    def compute_output_spec(self, static, sequence):
        return keras.KerasTensor((*sequence.shape[:2], static.shape[-1]), dtype=self.compute_dtype)
