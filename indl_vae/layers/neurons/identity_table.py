"""A vector for each neuron's identity."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class IdentityTable(keras.layers.Layer):
    """Looks up the vectors of identities; 0 is a neuron whose identity is not known, and has a vector as any other.

    Args:
        n_identities: Number of rows: one more than there are labels.
        dim: Width of a vector.
        seed: Of the initial vectors, which are N(0, 1).

    Call arguments:
        x: `(B, T, N)`, for its shape.
        identity: Optional `(B, N)`: numbers of identities; None for 1, 2, ... N.

    Returns:
        `(B, N, dim)`.

    Raises:
        ConfigError: A size is below 1.
    """

    def __init__(self, n_identities: int, dim: int, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        if min(int(n_identities), int(dim)) < 1:
            raise ConfigError(f"IdentityTable: expected sizes of at least 1, got {n_identities} and {dim}.")
        self.n_identities, self.dim, self.seed = int(n_identities), int(dim), seed
        start = keras.initializers.RandomNormal(0.0, 1.0, derive_seed(seed or 0, "table"))
        self.table = self.add_weight(shape=(self.n_identities, self.dim), initializer=start, name="table")
        self.built = True

    def call(self, x, identity=None):
        if identity is None:
            identity = ops.broadcast_to(ops.arange(1, x.shape[-1] + 1), (ops.shape(x)[0], x.shape[-1]))
        # a product rather than a look-up, whose gradient is a slow scatter under XLA; the table is small
        chosen = ops.one_hot(ops.cast(identity, "int32"), self.n_identities, dtype=self.compute_dtype)
        return ops.matmul(chosen, self.table)

    def compute_output_spec(self, x, identity=None):
        return keras.KerasTensor((x.shape[0], x.shape[-1], self.dim), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "n_identities": self.n_identities, "dim": self.dim, "seed": self.seed}
