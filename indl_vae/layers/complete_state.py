"""The states that are not observed, from those that are."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class CompleteState(keras.layers.Layer):
    """`[x, x L]`: given states first, the others a linear map of them (Brenner, Hess et al. 2022).

    Args:
        dim: Number M of states.
        learned: Whether there is such a map; else the other states are 0.
        seed: Of the initial map.

    Attributes:
        kernel: L `(N, M - N)`, where it is learned and M is larger than N.

    Call arguments:
        x: `(B, N)`.

    Returns:
        `(B, M)`.
    """

    def __init__(self, dim: int, learned: bool = True, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.dim, self.learned, self.seed = int(dim), bool(learned), seed
        self.kernel = None

    def build(self, input_shape) -> None:
        given = int(input_shape[-1])
        if self.learned and self.dim > given:
            bound = given**-0.5
            uniform = keras.initializers.RandomUniform(-bound, bound, derive_seed(self.seed or 0, "kernel"))
            self.kernel = self.add_weight(shape=(given, self.dim - given), initializer=uniform, name="kernel")
        super().build(input_shape)

    def call(self, x):
        room = self.dim - x.shape[-1]
        if self.kernel is None:
            return ops.pad(x, [[0, 0], [0, room]]) if room else x
        return ops.concatenate([x, ops.matmul(x, self.kernel)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.dim)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dim": self.dim, "learned": self.learned, "seed": self.seed}
