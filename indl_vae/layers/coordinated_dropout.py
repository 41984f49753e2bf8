"""Coordinated dropout: what the encoder sees is not what the loss learns from."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.live_rate import LiveRate
from indl_vae.layers.random import bernoulli
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class CoordinatedDropout(LiveRate, Seeded, keras.layers.Layer):
    """Drops entries of the input and says which were kept, so that the loss can learn from the dropped ones alone.

    A model that is never trained to reproduce an entry it saw cannot lower its loss by copying spikes
    (Keshtkaran & Pandarinath 2019). Kept entries are scaled by 1/(1 - rate).

    Args:
        rate: Share of entries dropped while training, in [0, 1). The live value is the variable `rate_value`;
            there is none where the rate is 0, and nothing is drawn.
        seed: Of the masks.

    Call arguments:
        inputs: `(B, T, N)`, floating point.

    Returns:
        The inputs with entries dropped and a boolean tensor of the same shape, True where kept. Outside of training
        the inputs unchanged and all True.

    Raises:
        ConfigError: If `rate` is outside [0, 1) or the inputs are not floating point.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= rate < 1.0:
            raise ConfigError(f"rate of CoordinatedDropout: expected a number in [0, 1), got {rate!r}.")
        self.rate, self.seed = float(rate), seed
        self.hold_rate(rate)
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        inputs = ops.convert_to_tensor(inputs)
        if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(inputs.dtype)):
            raise ConfigError(
                f"CoordinatedDropout: expected floating-point inputs, got {inputs.dtype}; cast counts to float32 first."
            )
        if not training or self.rate_value is None:
            return inputs, ops.ones_like(inputs, dtype="bool")
        kept = 1.0 - ops.convert_to_tensor(self.rate_value)
        keep = bernoulli(ops.shape(inputs), kept, self.generator)
        return ops.where(keep, inputs * ops.cast(1.0 / kept, inputs.dtype), ops.zeros_like(inputs)), keep

    def compute_output_spec(self, inputs, training=False):
        return (
            keras.KerasTensor(inputs.shape, dtype=self.compute_dtype),
            keras.KerasTensor(inputs.shape, dtype="bool"),
        )

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
