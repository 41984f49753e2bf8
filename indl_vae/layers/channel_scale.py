"""Channels brought to mean 0 and deviation 1."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class ChannelScale(keras.layers.Layer):
    """`(x - center) / spread`, channel by channel, so that networks see values of order 1 whatever the unit.

    Attributes:
        center: `(N,)`, not trained; 0 until it is set.
        spread: `(N,)`, not trained; 1 until it is set.

    Call arguments:
        inputs: `(B, T, N)`.
    """

    def build(self, input_shape) -> None:
        shape = (int(input_shape[-1]),)
        self.center = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="center")
        self.spread = self.add_weight(shape=shape, initializer="ones", trainable=False, name="spread")
        super().build(input_shape)

    def call(self, inputs):
        return (inputs - ops.cast(self.center, inputs.dtype)) / ops.cast(self.spread, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape
