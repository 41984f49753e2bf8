"""Two sequences side by side, the second cut to the first."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class Beside(keras.layers.Layer):
    """Concatenates a sequence `(B, T, M)` and the first T bins of another `(B, T' >= T, U)`, giving `(B, T, M + U)`.

    A layer, since T is not known when a model is wired: a slice taken there would keep all T' bins.
    """

    def call(self, sequence, other):
        return ops.concatenate([sequence, other[:, : ops.shape(sequence)[1]]], axis=-1)

    def compute_output_spec(self, sequence, other):
        return keras.KerasTensor((*sequence.shape[:2], sequence.shape[-1] + other.shape[-1]), dtype=self.compute_dtype)
