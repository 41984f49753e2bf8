"""Dropout of whole channels."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.random import bernoulli, dropout_mask
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class ChannelDropout(Seeded, keras.layers.Layer):
    """Sets whole channels of some trials to 0 while training, and scales the others up: an encoder that misses neurons.

    Args:
        rate: Share of channels, in [0, 1).
        trials: Share of trials in which that happens, in [0, 1].
        seed: Of the masks.

    Call arguments:
        inputs: `(B, T, N)`.

    Raises:
        ConfigError: A share is out of range.
    """

    def __init__(self, rate: float, trials: float = 1.0, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= rate < 1.0 or not 0.0 <= trials <= 1.0:
            raise ConfigError(
                f"ChannelDropout: expected a rate in [0, 1) and a share of trials in [0, 1], got {rate} and {trials}."
            )
        self.rate, self.trials, self.seed = float(rate), float(trials), seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        if not training or self.rate == 0.0:
            return inputs
        shape = ops.shape(inputs)
        kept = dropout_mask((shape[0], 1, shape[2]), self.rate, self.generator, self.compute_dtype)
        if self.trials < 1.0:
            kept = ops.where(bernoulli((shape[0], 1, 1), self.trials, self.generator), kept, ops.ones_like(kept))
        return inputs * kept

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate, "trials": self.trials, "seed": self.seed}
