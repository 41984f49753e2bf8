"""A weight of a part of the loss that is no term of its own."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="indl_vae")
class LossWeight(keras.layers.Layer):
    """A scalar that callbacks may change while training runs.

    Args:
        weight: Its first value.

    Attributes:
        weight_value: The live value; not trained.
    """

    def __init__(self, weight: float = 1.0, **kwargs) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.initial_weight = float(weight)
        constant = keras.initializers.Constant(self.initial_weight)
        self.weight_value = self.add_weight(shape=(), trainable=False, initializer=constant, name="weight")
        self.built = True

    def value(self) -> tf.Tensor:
        """Returns the live value."""
        return tf.convert_to_tensor(self.weight_value)

    def get_config(self) -> dict:
        return {**super().get_config(), "weight": self.initial_weight}
