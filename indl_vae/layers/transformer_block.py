"""Attention over time, and a network in each bin."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.dropout import Dropout
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class TransformerBlock(keras.layers.Layer):
    """`h = x + Dropout(Attention(Norm(x)))`, then `h + W2 Dropout(relu(W1 Norm(h)))`.

    Bins that are no part of the trial are not attended to.

    Args:
        n_heads: Number of heads of the attention.
        head_size: Width of a head.
        units: Width of the network's hidden layer.
        dropout: Dropout rate of what attention puts out, and of the hidden layer.
        causal: Whether a bin sees no later ones.
        seed: Of the initial weights and the dropout.

    Call arguments:
        x: `(B, T, W)`.
        steps: Optional `(B, T)`, above 0 in bins of the trial.

    Returns:
        `(B, T, W)`.

    Raises:
        ConfigError: A size is below 1.
    """

    def __init__(
        self,
        n_heads: int = 4,
        head_size: int = 16,
        units: int = 64,
        dropout: float = 0.0,
        causal: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.n_heads, self.head_size, self.units = int(n_heads), int(head_size), int(units)
        self.dropout, self.causal, self.seed = float(dropout), bool(causal), seed
        if min(self.n_heads, self.head_size, self.units) < 1:
            raise ConfigError(
                f"TransformerBlock: expected sizes of at least 1, got n_heads = {n_heads}, head_size = {head_size} and "
                f"units = {units}."
            )

    def build(self, x_shape, steps_shape=None):
        own = self.dtype_policy
        start = lambda name: keras.initializers.GlorotUniform(derive_seed(self.seed or 0, name))  # noqa: E731
        off = lambda name: Dropout(self.dropout, seed=derive_seed(self.seed or 0, name), dtype=own, name=name)  # noqa: E731
        norm = lambda name: keras.layers.LayerNormalization(epsilon=1e-6, dtype=own, name=name)  # noqa: E731
        self.norm, self.inner_norm = norm("norm"), norm("inner_norm")
        self.attention = keras.layers.MultiHeadAttention(
            self.n_heads,
            self.head_size,
            kernel_initializer=start("attention"),
            dtype=own,
            name="attention",
        )
        self.wide = keras.layers.Dense(self.units, "relu", kernel_initializer=start("wide"), dtype=own, name="wide")
        self.back = keras.layers.Dense(x_shape[-1], kernel_initializer=start("back"), dtype=own, name="back")
        self.off, self.inner_off = off("off"), off("inner_off")
        for layer in (self.norm, self.inner_norm, self.wide):
            layer.build(x_shape)
        self.attention.build(x_shape, x_shape)
        self.back.build((*x_shape[:-1], self.units))
        self.built = True

    def call(self, x, steps=None, training=None):
        seen = None if steps is None else ops.cast(steps > 0, "bool")[:, None]
        normed = self.norm(x)
        mixed = self.attention(normed, normed, attention_mask=seen, use_causal_mask=self.causal, training=training)
        hidden = x + self.off(mixed, training=training)
        inner = self.inner_off(self.wide(self.inner_norm(hidden)), training=training)
        return hidden + self.back(inner)

    def compute_output_spec(self, x, steps=None, training=None):
        return keras.KerasTensor(x.shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        names = ("n_heads", "head_size", "units", "dropout", "causal", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
