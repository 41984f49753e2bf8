"""Dropout on the library's own random numbers."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.live_rate import LiveRate
from indl_vae.layers.random import dropout_mask
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class Dropout(LiveRate, Seeded, keras.layers.Layer):
    """Inverted dropout, like `keras.layers.Dropout`, but fast under XLA and with its random state in saved models.

    Args:
        rate: Share of entries set to zero while training, in [0, 1). The live value is the variable `rate_value`;
            there is none where the rate is 0, and nothing is drawn.
        seed: Of the masks.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= rate < 1.0:
            raise ConfigError(f"rate of Dropout: expected a number in [0, 1), got {rate!r}.")
        self.rate, self.seed = float(rate), seed
        self.hold_rate(rate)
        self.generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True  # entries stay where they are

    def call(self, inputs, training=False):
        if not training or self.rate_value is None:
            return inputs
        rate = ops.convert_to_tensor(self.rate_value)
        return inputs * dropout_mask(ops.shape(inputs), rate, self.generator, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
