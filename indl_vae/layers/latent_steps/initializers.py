"""Initial weights of latent steps."""

from __future__ import annotations

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="indl_vae")
class NearIdentity(keras.initializers.Initializer):
    """`I + R R' / c` over its spectral radius, R standard normal: slow dynamics near the edge of stability.

    c is M^2 for "variational" and M for "teacher_forcing" (Brenner, Hess et al. 2022).

    Args:
        start: Which of the two.
        seed: Of R; None for a fresh one.
    """

    def __init__(self, start: str = "variational", seed: int | None = None) -> None:
        self.start, self.seed = start, seed

    def __call__(self, shape, dtype=None):
        dim = int(shape[0])
        draws = np.random.default_rng(self.seed).normal(size=(dim, dim))
        square = np.eye(dim) + draws @ draws.T / (dim**2 if self.start == "variational" else dim)
        return keras.ops.convert_to_tensor(square / np.abs(np.linalg.eigvalsh(square)).max(), dtype)

    def get_config(self) -> dict:
        return {"start": self.start, "seed": self.seed}


@keras.saving.register_keras_serializable(package="indl_vae")
class DiagonalOfNearIdentity(NearIdentity):
    """The diagonal of a matrix that starts as `NearIdentity`."""

    def __call__(self, shape, dtype=None):
        return keras.ops.diagonal(super().__call__((shape[0], shape[0]), dtype))


@keras.saving.register_keras_serializable(package="indl_vae")
class ShiftedNormal(keras.initializers.Initializer):
    """`offset + scale * N(0, 1)`."""

    def __init__(self, scale: float, offset: float, seed: int | None = None) -> None:
        self.scale, self.offset, self.seed = scale, offset, seed

    def __call__(self, shape, dtype=None):
        return keras.initializers.RandomNormal(self.offset, self.scale, self.seed)(shape, dtype)

    def get_config(self) -> dict:
        return {"scale": self.scale, "offset": self.offset, "seed": self.seed}


def start_of(
    start: str, shape: tuple[int, ...], scale: float, offset: float, seed: int
) -> keras.initializers.Initializer:
    """Returns a weight's initializer: normal as for the variational fit, or uniform within 1/sqrt of its length."""
    if start == "variational":
        return ShiftedNormal(scale, offset, seed)
    bound = 1.0 / float(np.sqrt(shape[-1]))
    return keras.initializers.RandomUniform(-bound, bound, seed)
