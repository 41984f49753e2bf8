"""From any number of neurons to one vector for each bin."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers.exact_gelu import exact_gelu
from indl_vae.numerics import derive_seed

POOLINGS = ("mean", "attention")


@keras.saving.register_keras_serializable(package="indl_vae")
class NeuronTokens(keras.layers.Layer):
    """Two layers on every neuron's value by itself, then a mean over the neurons that are seen.

    With identities the first layer is told whose value it is; without, the result is the same for any order of neurons
    and any names. With "attention" the mean is weighted by the softmax over seen neurons of a third layer's output. In
    bins without a seen neuron the result is 0.

    Args:
        units: Width of both layers.
        pooling: "mean" or "attention".
        seed: Of the initial weights.

    Call arguments:
        x: `(B, T, N)`; what is not seen plays no part, not even a NaN.
        seen: `(B, T, N)` of 0 and 1.
        codes: Optional `(B, N, E)`: vectors of identities.

    Returns:
        `(B, T, units)`.

    Raises:
        ConfigError: The width is below 1, or the pooling is unknown.
    """

    def __init__(self, units: int = 64, pooling: str = "mean", seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if int(units) < 1 or pooling not in POOLINGS:
            raise ConfigError(
                f"NeuronTokens: expected at least 1 unit and one of {POOLINGS}, got {units} and {pooling!r}."
            )
        self.units, self.pooling, self.seed = int(units), pooling, seed

    def build(self, x_shape, seen_shape=None, codes_shape=None):
        self.of_value = self._weight("of_value", (1, self.units))
        self.of_identity = None if codes_shape is None else self._weight("of_identity", (codes_shape[-1], self.units))
        self.value_bias = self.add_weight(shape=(self.units,), initializer="zeros", name="value_bias")
        self.kernel = self._weight("kernel", (self.units, self.units))
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.score = self._weight("score", (self.units, 1)) if self.pooling == "attention" else None
        self.built = True

    def _weight(self, name: str, shape: tuple[int, int]) -> Any:
        start = keras.initializers.LecunNormal(seed=derive_seed(self.seed or 0, name))
        return self.add_weight(shape=shape, initializer=start, name=name)

    def call(self, x, seen, codes=None):
        seen = ops.cast(seen, self.compute_dtype)
        values = ops.where(seen > 0, ops.cast(x, self.compute_dtype), 0.0)[..., None]
        hidden = values * self.of_value[0] + self.value_bias
        if codes is not None:
            hidden = hidden + ops.matmul(codes, self.of_identity)[:, None]
        hidden = exact_gelu(ops.matmul(exact_gelu(hidden), self.kernel) + self.bias)
        return ops.sum(hidden * self._shares(hidden, seen)[..., None], axis=2)

    def _shares(self, hidden, seen):
        """Returns the weights `(B, T, N)` of the neurons in the mean."""
        weight = seen
        if self.score is not None:
            scores = ops.where(seen > 0, ops.matmul(hidden, self.score)[..., 0], -1e9)
            weight = seen * ops.exp(scores - ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True)))
        return weight / ops.maximum(ops.sum(weight, axis=-1, keepdims=True), 1e-6)

    def compute_output_spec(self, x, seen, codes=None):
        return keras.KerasTensor((*x.shape[:2], self.units), dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "pooling": self.pooling, "seed": self.seed}
