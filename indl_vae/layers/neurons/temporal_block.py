"""Convolution over time with a path around it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.dropout import Dropout
from indl_vae.layers.exact_gelu import exact_gelu
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class TemporalBlock(keras.layers.Layer):
    """`x + Dropout(gelu(Conv(Norm(x))))`, the convolution centred in time and dilated (Bai et al. 2018).

    Bins that are no part of the trial are zeros to it.

    Args:
        kernel_size: Bins that the convolution spans, odd.
        dilation: Bins from one of them to the next.
        dropout: Dropout rate.
        seed: Of the initial weights and the dropout.

    Call arguments:
        x: `(B, T, W)`.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        `(B, T, W)`.

    Raises:
        ConfigError: The size is even, or a number is below 1.
    """

    def __init__(
        self, kernel_size: int = 5, dilation: int = 1, dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if int(kernel_size) < 1 or int(kernel_size) % 2 == 0 or int(dilation) < 1:
            raise ConfigError(
                f"TemporalBlock: expected an odd kernel size and a dilation of at least 1, got {kernel_size} and "
                f"{dilation}."
            )
        self.kernel_size, self.dilation, self.dropout = int(kernel_size), int(dilation), float(dropout)
        self.seed = seed

    def build(self, x_shape, steps_shape=None):
        own, width = self.dtype_policy, x_shape[-1]
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5, dtype=own, name="norm")
        self.off = Dropout(self.dropout, seed=derive_seed(self.seed or 0, "off"), dtype=own, name="off")
        self.norm.build(x_shape)
        start = keras.initializers.LecunNormal(seed=derive_seed(self.seed or 0, "kernel"))
        self.kernel = self.add_weight(shape=(self.kernel_size, width, width), initializer=start, name="kernel")
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")
        self.built = True

    def call(self, x, steps=None, training=None):
        inner = self.norm(x)
        if steps is not None:
            inner = ops.where(ops.cast(steps, "bool")[..., None], inner, ops.zeros_like(inner))
        inner = ops.conv(inner, self.kernel, padding="same", dilation_rate=self.dilation) + self.bias
        return x + self.off(exact_gelu(inner), training=training)

    def compute_output_spec(self, x, steps=None, training=None):
        return keras.KerasTensor(x.shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        names = ("kernel_size", "dilation", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
