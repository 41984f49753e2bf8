"""Behaviour that scales and shifts what a layer puts out."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class FiLM(keras.layers.Layer):
    """`(1 + S b) h + W b`: feature-wise linear modulation (Perez et al. 2018); none at first.

    Args:
        seed: Of the initial weights of the shift.

    Call arguments:
        hidden: `(B, T, W)`.
        condition: `(B, T, U)`.

    Returns:
        `(B, T, W)`.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, hidden_shape, condition_shape):
        shape = condition_shape[-1], hidden_shape[-1]
        start = keras.initializers.LecunNormal(seed=derive_seed(self.seed or 0, "shift"))
        self.shift = self.add_weight(shape=shape, initializer=start, name="shift")
        self.scale = self.add_weight(shape=shape, initializer="zeros", name="scale")
        self.built = True

    def call(self, hidden, condition):
        return hidden * (1.0 + ops.matmul(condition, self.scale)) + ops.matmul(condition, self.shift)

    def compute_output_spec(self, hidden, condition):
        return keras.KerasTensor(hidden.shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
