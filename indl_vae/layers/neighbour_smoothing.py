"""A learned smoothing of each bin by its neighbours."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class NeighbourSmoothing(keras.layers.Layer):
    """`w x_t-1 + (1 - 2 w) x_t + w x_t+1` with one trained weight, 0 at the start (Brenner, Hess et al. 2022).

    At either end of a trial the bin itself stands for the neighbour that is missing.

    Attributes:
        weight: w, a scalar.

    Call arguments:
        x: `(B, T, N)`.
        steps: Optional `(B, T)`, 0 after the end of a trial.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.weight = self.add_weight(shape=(), initializer="zeros", name="weight")
        self.built = True

    def call(self, x, steps=None):
        weight = ops.cast(self.weight, x.dtype)
        before = ops.concatenate([x[:, :1], x[:, :-1]], axis=1)
        after = ops.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        if steps is not None:
            there = ops.concatenate([steps[:, 1:], ops.zeros_like(steps[:, :1])], axis=1)
            after = ops.where(there[..., None] > 0, after, x)
        return weight * (before + after) + (1.0 - 2.0 * weight) * x

    def compute_output_spec(self, x, steps=None):
        return keras.KerasTensor(x.shape, dtype=self.compute_dtype)
