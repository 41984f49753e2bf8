"""A sequence without what stands in bins that do not count."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class CountedBins(keras.layers.Layer):
    """Puts zeros in place of the bins that do not count, so that NaN there reaches neither values nor gradients.

    Call arguments:
        sequence: `(B, T, U)`.
        steps: Optional `(B, T)`, 0 where a bin does not count.

    Returns:
        `(B, T, U)`.
    """

    def call(self, sequence, steps=None):
        return sequence if steps is None else ops.where(steps[..., None] > 0, sequence, ops.zeros_like(sequence))

    def compute_output_spec(self, sequence, steps=None):
        return keras.KerasTensor(sequence.shape, dtype=self.compute_dtype)
