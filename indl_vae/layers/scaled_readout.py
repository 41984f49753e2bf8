"""A read-out of normal distributions in the unit of the data."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.numerics import softplus_inverse

#: Below it, softplus(x) and exp(x) are the same to all digits of float32.
_SMALL = 1e-6


@keras.saving.register_keras_serializable(package="indl_vae")
class ScaledReadout(keras.layers.Dense):
    """A dense layer whose means and deviations are in units of each channel's spread, put out in those of the data.

    A mean m becomes `m spread + center`; a raw scale, of which a `GaussianLikelihood` makes a deviation, becomes the
    one of which it makes `spread` times that deviation. Weights of order 1 thus describe data of any unit.

    Args:
        units: N, or 2N for means and raw scales.
        n_channels: Number N of channels.
        **kwargs: Of `keras.layers.Dense`.

    Attributes:
        center: `(N,)`, not trained; 0 until it is set.
        spread: `(N,)`, not trained; 1 until it is set.
    """

    def __init__(self, units: int, n_channels: int, **kwargs) -> None:
        super().__init__(units, **kwargs)
        self.n_channels = int(n_channels)

    def build(self, input_shape) -> None:
        super().build(input_shape)
        shape = (self.n_channels,)
        self.center = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="center")
        self.spread = self.add_weight(shape=shape, initializer="ones", trainable=False, name="spread")

    def call(self, inputs, training=None):
        pre = super().call(inputs)
        center, spread = ops.cast(self.center, pre.dtype), ops.cast(self.spread, pre.dtype)
        mean = pre[..., : self.n_channels] * spread + center
        if self.units == self.n_channels:
            return mean
        shift = softplus_inverse(1.0)
        deviation = spread * ops.softplus(pre[..., self.n_channels :] + shift)
        return ops.concatenate([mean, _inverse_softplus(deviation) - shift], axis=-1)

    # those of Dense know kernel and bias alone
    def save_own_variables(self, store) -> None:
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store) -> None:
        keras.layers.Layer.load_own_variables(self, store)

    def get_config(self) -> dict:
        return {**super().get_config(), "n_channels": self.n_channels}


def _inverse_softplus(value):
    """Returns x with softplus(x) = value > 0, without overflow."""
    value = ops.maximum(value, _SMALL)
    return value + ops.log(-ops.expm1(-value))
