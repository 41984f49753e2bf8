"""Where in time a bin is, for layers that cannot tell."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

#: Bins of the slowest wave over 2 pi, as in Vaswani et al. (2017).
_SLOWEST = 10_000.0


@keras.saving.register_keras_serializable(package="indl_vae")
class Positions(keras.layers.Layer):
    """Adds sines and cosines of time, of wavelengths from 2 pi to 10,000 x 2 pi bins (Vaswani et al. 2017).

    Args:
        scale: Factor of the waves.

    Call arguments:
        x: `(B, T, W)`.

    Returns:
        `(B, T, W)`.
    """

    def __init__(self, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = float(scale)
        self.built = True

    def call(self, x):
        width = x.shape[-1]
        n_waves = (width + 1) // 2
        rates = ops.exp(-math.log(_SLOWEST) / n_waves * ops.arange(n_waves, dtype="float32"))
        phases = ops.cast(ops.arange(ops.shape(x)[1]), "float32")[:, None] * rates
        waves = ops.reshape(ops.stack([ops.sin(phases), ops.cos(phases)], -1), (-1, 2 * n_waves))[:, :width]
        return x + ops.cast(self.scale * waves, x.dtype)

    def compute_output_spec(self, x):
        return keras.KerasTensor(x.shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}
