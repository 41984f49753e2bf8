"""Which entries the loss may learn from under coordinated dropout."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.random import bernoulli
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class GradientGate(Seeded, keras.layers.Layer):
    """Opens the entries that no encoder saw, and a share of those that one did.

    Args:
        pass_rate: Probability that the gradient passes at an entry although it was seen, in [0, 1].
        seed: Of the draw.

    Call arguments:
        seen: Boolean `(B, T, N)`.

    Returns:
        Boolean `(B, T, N)`: True where the gradient passes.
    """

    def __init__(self, pass_rate: float = 0.0, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= pass_rate <= 1.0:
            raise ConfigError(f"pass_rate of GradientGate: expected a number in [0, 1], got {pass_rate!r}.")
        self.pass_rate, self.seed = float(pass_rate), seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, seen, training=False):
        unseen = ops.logical_not(seen)
        if not training or self.pass_rate == 0.0:
            return unseen
        return ops.logical_or(unseen, bernoulli(ops.shape(seen), self.pass_rate, self.generator))

    def compute_output_spec(self, seen, training=False):
        return keras.KerasTensor(seen.shape, dtype="bool")

    def get_config(self) -> dict:
        return {**super().get_config(), "pass_rate": self.pass_rate, "seed": self.seed}
