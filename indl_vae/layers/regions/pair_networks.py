"""Small networks between all pairs of sources and targets, computed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded
from indl_vae.numerics import derive_seed

#: What is done to the activations of networks between different regions.
CROSS = ("same", "linear", "relu")
#: Biases begin within this distance of 0, as published.
_BIAS = 0.05


class Sloped(NamedTuple):
    """Outputs of networks and their derivatives.

    Attributes:
        values: `(K, R, S, N, out_dim)`.
        by_source: `(K, R, S, N, in_dim, out_dim)`: by what the network's source is.
        by_context: `(K, R, S, N, context_dim, out_dim)`: by what it sees of its target; None where it sees nothing.
    """

    values: tf.Tensor
    by_source: tf.Tensor
    by_context: tf.Tensor | None


@keras.saving.register_keras_serializable(package="indl_vae")
class PairNetworks(Seeded, keras.layers.Layer):
    """A network from each of S sources to each of R targets, for each of K discrete states.

    The weights of a layer are one tensor `(K, R, S, in, out)`, so that a layer of all networks is one batched product.

    Args:
        n_targets: Number of targets R.
        n_sources: Number of sources S.
        in_dim: Width of a source.
        out_dim: Width of an output.
        units: Widths of the hidden layers.
        activations: One for each hidden layer, and one for the outputs; None for none.
        n_states: Number of discrete states K.
        state_as_input: Whether there is one network for all states, each of whose layers sees the state as a one-hot
            vector; otherwise each state has a network of its own.
        context_dim: Width of what every layer sees of the target; 0 for nothing.
        cross: Activations of the networks whose source is not their target (R = S): "same" as the others, "linear" for
            none, "relu" for one everywhere, the outputs included.
        use_bias: Whether layers have biases.
        dropout: Share of hidden units that are left out while training, the same ones in all bins of a batch.
        seed: Of the initial weights and of the dropout.

    Call arguments:
        sources: `(N, S, in_dim)`.
        context: `(N, R, context_dim)`, where there is one.
        kept: What `draw_kept` returned, while training with dropout.

    Returns:
        The outputs `(K, R, S, N, out_dim)`.

    Raises:
        ConfigError: The number of activations is not that of the layers, or `cross` is none of the above.
    """

    def __init__(
        self,
        n_targets: int,
        n_sources: int,
        in_dim: int,
        out_dim: int,
        units: Sequence[int] = (),
        activations: Sequence[str | None] = (None,),
        n_states: int = 1,
        state_as_input: bool = False,
        context_dim: int = 0,
        cross: str = "same",
        use_bias: bool = True,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.n_targets, self.n_sources, self.n_states = int(n_targets), int(n_sources), int(n_states)
        self.in_dim, self.out_dim, self.context_dim = int(in_dim), int(out_dim), int(context_dim)
        self.units, self.activations = tuple(units), tuple(activations)
        self.state_as_input = bool(state_as_input) and self.n_states > 1
        self.cross, self.use_bias, self.dropout, self.seed = cross, bool(use_bias), float(dropout), seed
        self._check()
        self._act = [keras.activations.get(name) for name in self.activations]
        self._stacks = [self._make_layer(i) for i in range(len(self.units) + 1)]
        self._noise = keras.random.SeedGenerator(derive_seed(seed or 0, "dropout")) if self.dropout else None
        self.built = True

    def call(self, sources, context=None, kept=None):
        hidden = tf.transpose(sources, (1, 0, 2))[None, None]
        context = None if context is None else tf.transpose(context, (1, 0, 2))[None, :, None]
        for i, stack in enumerate(self._stacks):
            hidden = self._activate(i, self._product(stack, hidden, context))
            hidden = hidden * kept[i] if kept is not None and i < len(self.units) else hidden
        return hidden

    def with_slopes(self, sources: tf.Tensor, context: tf.Tensor | None = None) -> Sloped:
        """Returns the outputs and their derivatives, by one pass that takes the tangents of all inputs along."""
        hidden = tf.transpose(sources, (1, 0, 2))[None, None]
        context = None if context is None else tf.transpose(context, (1, 0, 2))[None, :, None]
        by_source = by_context = None
        for i, stack in enumerate(self._stacks):
            pre = self._product(stack, hidden, context)
            hidden, rise = self._activated(i, pre)
            by_source = _carried(by_source, stack["kernel"], None if by_source is not None else stack["kernel"], rise)
            if context is not None:
                by_context = _carried(by_context, stack["kernel"], stack["context"], rise)
        return Sloped(hidden, by_source, by_context)

    def _activated(self, i: int, pre: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns activations and their derivatives, entry by entry."""
        with tf.GradientTape() as tape:
            tape.watch(pre)
            made = self._activate(i, pre)
        return made, tape.gradient(made, pre)

    def draw_kept(self) -> list[tf.Tensor] | None:
        """Returns factors of the hidden units, 0 for those that are left out; None without dropout."""
        if self._noise is None:
            return None
        shapes = [(1, self.n_targets, self.n_sources, 1, width) for width in self.units]
        kept = [random.uniform(shape, self._noise) >= self.dropout for shape in shapes]
        return [tf.cast(one, self.compute_dtype) / (1.0 - self.dropout) for one in kept]

    def _product(self, stack: dict[str, Any], hidden: tf.Tensor, context: tf.Tensor | None) -> tf.Tensor:
        made = tf.matmul(hidden, tf.convert_to_tensor(stack["kernel"]))
        for name in ("bias", "state"):
            made = made + tf.convert_to_tensor(stack[name]) if name in stack else made
        return made + tf.matmul(context, tf.convert_to_tensor(stack["context"])) if "context" in stack else made

    def _activate(self, i: int, values: tf.Tensor) -> tf.Tensor:
        made = self._act[i](values)
        if self.cross == "same" or self.n_targets == 1:
            return made
        other = tf.nn.relu(values) if self.cross == "relu" else values
        own = np.eye(self.n_targets, dtype=bool)[:, :, None, None]
        return tf.where(own, made, other)

    def _make_layer(self, i: int) -> dict[str, Any]:
        wide = [self.in_dim, *self.units, self.out_dim]
        n_in, n_out = wide[i], wide[i + 1]
        shown = self.n_states if self.state_as_input else 0
        fan_in = n_in + self.context_dim + shown
        pairs = (1 if self.state_as_input else self.n_states, self.n_targets, self.n_sources)
        limit = (6.0 / (fan_in + n_out)) ** 0.5  # Glorot & Bengio (2010), for all rows that a layer sees
        made = {"kernel": self._weight(f"kernel_{i}", (*pairs, n_in, n_out), limit)}
        if self.context_dim:
            made["context"] = self._weight(f"context_{i}", (*pairs, self.context_dim, n_out), limit)
        if shown:
            made["state"] = self._weight(f"state_{i}", (shown, *pairs[1:], 1, n_out), limit)
        if self.use_bias:
            made["bias"] = self._weight(f"bias_{i}", (*pairs, 1, n_out), _BIAS)
        return made

    def _weight(self, name: str, shape: tuple[int, ...], limit: float) -> Any:
        start = keras.initializers.RandomUniform(-limit, limit, derive_seed(self.seed or 0, name))
        return self.add_weight(shape=shape, initializer=start, name=name)

    def _check(self) -> None:
        if len(self.activations) != len(self.units) + 1:
            raise ConfigError(
                f"PairNetworks: expected an activation for each of the {len(self.units)} hidden layers and one for the "
                f"outputs, got {len(self.activations)}: {list(self.activations)}. Write null for none."
            )
        if self.cross not in CROSS:
            raise ConfigError(f"PairNetworks: `cross` must be one of {', '.join(CROSS)}, got {self.cross!r}.")
        if self.cross != "same" and self.n_targets != self.n_sources:
            raise ConfigError("PairNetworks: `cross` needs as many sources as targets, which are then the same.")

    def compute_output_spec(self, sources, context=None, kept=None):
        shape = (self.n_states, self.n_targets, self.n_sources, sources.shape[0], self.out_dim)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        names = (
            "n_targets n_sources in_dim out_dim units activations n_states state_as_input context_dim cross use_bias "
            "dropout seed"
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names.split()}}


def _carried(before: tf.Tensor | None, kernel: Any, entering: Any, rise: tf.Tensor) -> tf.Tensor:
    """Returns tangents `(K, R, S, N, in, out)` behind a layer, of those before it and of what enters at the layer."""
    made = 0.0 if entering is None else tf.convert_to_tensor(entering)[..., None, :, :]
    if before is not None:
        shape = tf.shape(before)
        flat = tf.reshape(before, tf.concat([shape[:3], [shape[3] * shape[4], shape[5]]], 0))
        moved = tf.matmul(flat, tf.convert_to_tensor(kernel))
        made = made + tf.reshape(moved, tf.concat([shape[:5], [kernel.shape[-1]]], 0))
    return made * rise[..., None, :]
