"""One vector for a whole trial."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class MeanOverTime(keras.layers.Layer):
    """Averages `(B, T, W)` over the bins of the trial (`steps` `(B, T)`, 1 in them; None for all), giving `(B, W)`."""

    def call(self, values, steps=None):
        if steps is None:
            return ops.mean(values, axis=1)
        here = ops.cast(steps, values.dtype)[..., None]
        kept = ops.where(here > 0, values, ops.zeros_like(values))
        return ops.sum(kept, axis=1) / ops.maximum(ops.sum(here, axis=1), 1.0)

    def compute_output_spec(self, values, steps=None):
        return keras.KerasTensor((values.shape[0], values.shape[-1]), dtype=self.compute_dtype)
