"""Numbers that are the same in every bin of every trial, and trained."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="indl_vae")
class TrainedConstant(keras.layers.Layer):
    """Stands where a head could: puts out the same trained numbers, 0 at first, whatever it is shown.

    Args:
        units: How many.

    Call arguments:
        like: `(..., W)`: of which the leading axes are taken.

    Returns:
        `(..., units)`.
    """

    def __init__(self, units: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.units = int(units)
        self.value = self.add_weight(shape=(self.units,), initializer="zeros", name="value")
        self.built = True

    def call(self, like):
        return tf.zeros_like(like[..., :1]) + tf.convert_to_tensor(self.value)

    def compute_output_spec(self, like):
        return keras.KerasTensor((*like.shape[:-1], self.units), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "units": self.units}
