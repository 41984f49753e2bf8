"""A decoder that now and then is not told the behaviour."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.random import bernoulli
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class BehaviorDropout(Seeded, keras.layers.Layer):
    """Sets the behaviour of whole trials to 0 while training, so that latents learn to do without.

    Args:
        rate: Share of trials, in [0, 1).
        seed: Of the draws.

    Call arguments:
        behavior: `(B, T, U)`.

    Raises:
        ConfigError: The rate is out of range.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= rate < 1.0:
            raise ConfigError(f"BehaviorDropout: expected a rate in [0, 1), got {rate}.")
        self.rate, self.seed = float(rate), seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, behavior, training=False):
        if not training or self.rate == 0.0:
            return behavior
        told = bernoulli((ops.shape(behavior)[0], 1, 1), 1.0 - self.rate, self.generator)
        return ops.where(told, behavior, ops.zeros_like(behavior))

    def compute_output_shape(self, behavior_shape):
        return behavior_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
