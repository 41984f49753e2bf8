"""Attention over time, and a network in each bin."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.dropout import Dropout
from indl_vae.layers.exact_gelu import exact_gelu
from indl_vae.numerics import derive_seed

ACTIVATIONS = {"relu": "relu", "gelu": exact_gelu}


class _Attention(keras.layers.MultiHeadAttention):
    """Keras's attention, whose shares are dropped by our own dropout: the same draws with and without XLA."""

    def _build_attention(self, rank: int) -> None:
        rate, self._dropout = self._dropout, 0.0  # at rate 0 the layer that Keras makes has no state
        super()._build_attention(rank)
        self._dropout = rate
        self._dropout_layer = Dropout(rate, seed=self.seed, dtype=self.dtype_policy)


@keras.saving.register_keras_serializable(package="indl_vae")
class TransformerBlock(keras.layers.Layer):
    """`h = x + Dropout(Attention(Norm(x)))`, then `h + W2 Dropout(relu(W1 Norm(h)))`.

    With `post_norm`, as first published (Vaswani et al. 2017): `h = Norm(x + Dropout(Attention(x)))`, then
    `Norm(h + Dropout(W2 Dropout(relu(W1 h))))`. Bins that are no part of the trial are not attended to.

    Args:
        n_heads: Number of heads of the attention.
        head_size: Width of a head.
        units: Width of the network's hidden layer.
        dropout: Dropout rate of what attention puts out, and of the hidden layer.
        causal: Whether a bin sees no later ones.
        post_norm: Whether sums are normalised, rather than what enters the two parts.
        activation: Of the hidden layer: "relu" or "gelu" (by the error function).
        attention_dropout: Dropout rate of the attention's shares.
        epsilon: Added to the variances that are divided by.
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
        post_norm: bool = False,
        activation: str = "relu",
        attention_dropout: float = 0.0,
        epsilon: float = 1e-6,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.post_norm, self.activation = bool(post_norm), activation
        self.attention_dropout, self.epsilon = float(attention_dropout), float(epsilon)
        self.n_heads, self.head_size, self.units = int(n_heads), int(head_size), int(units)
        self.dropout, self.causal, self.seed = float(dropout), bool(causal), seed
        if min(self.n_heads, self.head_size, self.units) < 1:
            raise ConfigError(
                f"TransformerBlock: expected sizes of at least 1, got n_heads = {n_heads}, head_size = {head_size} and "
                f"units = {units}."
            )
        if activation not in ACTIVATIONS:
            raise ConfigError(f"TransformerBlock: expected an activation of {sorted(ACTIVATIONS)}, got {activation!r}.")

    def build(self, x_shape, steps_shape=None):
        own = self.dtype_policy
        start = lambda name: keras.initializers.GlorotUniform(derive_seed(self.seed or 0, name))  # noqa: E731
        off = lambda name: Dropout(self.dropout, seed=derive_seed(self.seed or 0, name), dtype=own, name=name)  # noqa: E731
        norm = lambda name: keras.layers.LayerNormalization(epsilon=self.epsilon, dtype=own, name=name)  # noqa: E731
        self.norm, self.inner_norm = norm("norm"), norm("inner_norm")
        self.attention = _Attention(
            self.n_heads,
            self.head_size,
            dropout=self.attention_dropout,
            seed=derive_seed(self.seed or 0, "attention_dropout"),
            kernel_initializer=start("attention"),
            dtype=own,
            name="attention",
        )
        self.wide = keras.layers.Dense(
            self.units, ACTIVATIONS[self.activation], kernel_initializer=start("wide"), dtype=own, name="wide"
        )
        self.back = keras.layers.Dense(x_shape[-1], kernel_initializer=start("back"), dtype=own, name="back")
        self.off, self.inner_off = off("off"), off("inner_off")
        self.last_off = off("last_off") if self.post_norm else None
        for layer in (self.norm, self.inner_norm, self.wide):
            layer.build(x_shape)
        self.attention.build(x_shape, x_shape)
        self.back.build((*x_shape[:-1], self.units))
        self.built = True

    def call(self, x, steps=None, training=None):
        seen = None if steps is None else ops.cast(steps > 0, "bool")[:, None]
        enters = x if self.post_norm else self.norm(x)
        mixed = self.attention(enters, enters, attention_mask=seen, use_causal_mask=self.causal, training=training)
        hidden = x + self.off(mixed, training=training)
        hidden = self.norm(hidden) if self.post_norm else hidden
        inner = self.wide(hidden if self.post_norm else self.inner_norm(hidden))
        inner = self.back(self.inner_off(inner, training=training))
        if not self.post_norm:
            return hidden + inner
        return self.inner_norm(hidden + self.last_off(inner, training=training))

    def compute_output_spec(self, x, steps=None, training=None):
        return keras.KerasTensor(x.shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        names = ("n_heads", "head_size", "units", "dropout", "causal", "post_norm", "activation")
        names += ("attention_dropout", "epsilon", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
