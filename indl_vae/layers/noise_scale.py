"""The trained covariance of a normal."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.scale import Scale
from indl_vae.numerics import softplus_inverse

#: Added to the deviations, so that none is 0.
LEAST_STD = 1e-4


@keras.saving.register_keras_serializable(package="indl_vae")
class NoiseScale(keras.layers.Layer):
    """A diagonal or full covariance, one for all bins, through its factor.

    Args:
        dim: Number of dimensions D.
        triangular: Whether the covariance is full, by a lower-triangular factor.
        start: Initial deviation of each dimension.

    Call arguments:
        noise: `(..., D)`: standard normal numbers.

    Returns:
        `(..., D)`: the factor times the noise.

    Raises:
        ConfigError: `start` is not above 0.
    """

    def __init__(self, dim: int, triangular: bool = False, start: float = 0.1, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.dim, self.triangular, self.start = int(dim), bool(triangular), float(start)
        if not self.start > LEAST_STD:
            raise ConfigError(f"NoiseScale: `start` must be above {LEAST_STD}, got {start}.")
        initial = keras.initializers.Constant(softplus_inverse(self.start - LEAST_STD))
        self.raw = self.add_weight(shape=(self.dim,), initializer=initial, name="raw")
        self.below = None
        if self.triangular and self.dim > 1:
            n_below = self.dim * (self.dim - 1) // 2
            self.below = self.add_weight(shape=(n_below,), initializer="zeros", name="below")
        self.built = True

    @property
    def scale(self) -> Scale:
        """The factor, its diagonal `(D,)` or the whole `(D, D)`."""
        return Scale(self._factor(), self.triangular)

    def call(self, noise):
        return self.scale.times(noise)

    def _factor(self) -> tf.Tensor:
        diagonal = tf.nn.softplus(tf.convert_to_tensor(self.raw)) + LEAST_STD
        if not self.triangular:
            return diagonal
        return lower_triangle(diagonal, None if self.below is None else tf.convert_to_tensor(self.below))

    def compute_output_spec(self, noise):
        return keras.KerasTensor(noise.shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dim": self.dim, "triangular": self.triangular, "start": self.start}


def lower_triangle(diagonal: tf.Tensor, below: tf.Tensor | None) -> tf.Tensor:
    """Returns lower triangles `(..., D, D)` of diagonals `(..., D)` and what is below, `(..., D (D-1) / 2)`."""
    matrix = tf.linalg.diag(diagonal)
    if below is None:
        return matrix
    dim = diagonal.shape[-1]
    places = np.zeros((dim * (dim - 1) // 2, dim * dim), np.float32)
    rows, columns = np.tril_indices(dim, -1)
    places[np.arange(len(rows)), rows * dim + columns] = 1.0
    spread = tf.matmul(tf.reshape(below, (-1, places.shape[0])), tf.constant(places, below.dtype))
    return matrix + tf.reshape(spread, tf.shape(matrix))
