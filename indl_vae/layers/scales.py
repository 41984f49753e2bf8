"""Standard deviations and log-variances, each from the other."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class StandardDeviation(keras.layers.Layer):
    """Returns exp(logvar / 2), same shape."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})  # divergences are made of these: full precision

    def call(self, logvar):
        return ops.exp(0.5 * logvar)

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="indl_vae")
class LogVariance(keras.layers.Layer):
    """Returns log-variances of standard deviations `(B, D)`, or of a lower triangle `(B, D, D)` the marginal ones."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})  # divergences are made of these: full precision

    def call(self, scale):
        variance = ops.sum(ops.square(scale), -1) if len(scale.shape) == 3 else ops.square(scale)
        return ops.log(variance)

    def compute_output_shape(self, input_shape):
        return input_shape[:2]
