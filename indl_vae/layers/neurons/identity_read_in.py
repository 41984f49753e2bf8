"""From any number of neurons to one vector for each bin, as a regression would have it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class IdentityReadIn(keras.layers.Layer):
    """`sum_n x_n (a + A e_n) / sqrt(n)` over the n neurons that are seen: weights of a neuron follow from its identity.

    A matrix of read-in, of which each identity brings its row, so that animals with different neurons share one. The
    root keeps the size of the sum where neurons are independent. A neuron that is not seen counts as one at 0, which is
    its mean where neurons are standardised.

    Args:
        units: Width of the result.
        seed: Of the initial weights.

    Call arguments:
        x: `(B, T, N)`; what is not seen plays no part, not even a NaN.
        seen: `(B, T, N)` of 0 and 1.
        codes: `(B, N, E)`: vectors of identities.

    Returns:
        `(B, T, units)`; 0 in bins without a seen neuron.

    Raises:
        ConfigError: The width is below 1.
    """

    def __init__(self, units: int = 64, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if int(units) < 1:
            raise ConfigError(f"IdentityReadIn: expected at least 1 unit, got {units}.")
        self.units, self.seed = int(units), seed

    def build(self, x_shape, seen_shape=None, codes_shape=None):
        start = keras.initializers.LecunNormal(seed=derive_seed(self.seed or 0, "kernel"))
        self.kernel = self.add_weight(shape=(codes_shape[-1], self.units), initializer=start, name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.built = True

    def call(self, x, seen, codes):
        seen = ops.cast(seen, self.compute_dtype)
        values = ops.where(seen > 0, ops.cast(x, self.compute_dtype), 0.0)
        count = ops.maximum(ops.sum(seen, axis=-1, keepdims=True), 1.0)
        return ops.matmul(values, ops.matmul(codes, self.kernel) + self.bias) / ops.sqrt(count)

    def compute_output_spec(self, x, seen, codes):
        return keras.KerasTensor((*x.shape[:2], self.units), dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "seed": self.seed}
