"""A read-out in which the first latent states are the observations."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class FirstStates(keras.layers.Layer):
    """The first N of M states, in the unit of the data: `z[..., :N] * spread + center`.

    Args:
        n_channels: N.

    Attributes:
        center: `(N,)`, not trained; 0 until it is set.
        spread: `(N,)`, not trained; 1 until it is set.

    Call arguments:
        z: `(B, T, M)`.

    Returns:
        `(B, T, N)`.
    """

    def __init__(self, n_channels: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.n_channels = int(n_channels)
        shape = (self.n_channels,)
        self.center = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="center")
        self.spread = self.add_weight(shape=shape, initializer="ones", trainable=False, name="spread")
        self.built = True

    def call(self, z):
        center, spread = ops.cast(self.center, z.dtype), ops.cast(self.spread, z.dtype)
        return z[..., : self.n_channels] * spread + center

    def get_config(self) -> dict:
        return {**super().get_config(), "n_channels": self.n_channels}
