"""Piecewise-linear networks whose units have dendrites: a basis of rectifiers with thresholds of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.dendrites import dendrite_slopes, dendrites
from indl_vae.inference.piecewise_step import PiecewiseStep
from indl_vae.layers.latent_steps.base import LATENT_STEPS, LatentStep, rectified, rectifier_slope, split_square
from indl_vae.numerics import derive_seed

#: One rectifier, or its slope: takes values and the slope below 0. The weighted sum of many of either.
Branch = Callable[[tf.Tensor, float], tf.Tensor]
Total = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, float], tf.Tensor]
#: Thresholds start within this many deviations of data of deviation 1, where training is by teacher forcing.
_THRESHOLDS = 2.5


@LATENT_STEPS.register("dendritic", "dendr-PLRNN")
@keras.saving.register_keras_serializable(package="indl_vae")
class DendriticStep(LatentStep):
    """`a * z + phi(z) W' + h + C s` with `phi(z)_m = sum_b alpha_b max(z_m - theta_mb, 0)`.

    Reference: Brenner, Hess et al., "Tractable dendritic RNNs for reconstructing nonlinear dynamical systems", ICML
    2022, eq. 3.

    Args:
        dim: Number of latent states M.
        n_bases: Number B of rectifiers of a unit.
        **kwargs: Of `LatentStep`.

    Attributes:
        square: `(M, M)`: a on the diagonal, W beside it.
        bias: h `(M,)`.
        thetas: Thresholds `(M, B)`.
        alphas: Slopes `(B,)`, the same in all units.

    Raises:
        ConfigError: `n_bases` is below 1, or an argument of `LatentStep` out of range.
    """

    def __init__(self, dim: int, n_bases: int = 20, **kwargs: Any) -> None:
        if int(n_bases) < 1:
            raise ConfigError(f"{type(self).__name__}: `n_bases` must be at least 1, got {n_bases}.")
        self.n_bases = int(n_bases)
        super().__init__(dim, **kwargs)

    def piecewise(self) -> PiecewiseStep:
        diagonal, kernel = split_square(self.square)
        bias, thetas, alphas = (tf.convert_to_tensor(one) for one in (self.bias, self.thetas, self.alphas))

        thetas = tf.transpose(thetas)

        def value(u: tf.Tensor) -> tf.Tensor:
            return self._sum(dendrites, rectified, u, thetas, alphas)

        def slope(u: tf.Tensor) -> tf.Tensor:
            return self._sum(dendrite_slopes, rectifier_slope, u, thetas, alphas)

        return PiecewiseStep(diagonal, kernel, bias, value, slope, self._centering(), self.clip_range)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "n_bases": self.n_bases}

    def _sum(self, total: Total, branch: Branch, u: tf.Tensor, thetas: tf.Tensor, alphas: tf.Tensor) -> tf.Tensor:
        """Returns the sum of all branches, or of their slopes, at `u` `(..., M)`."""
        return total(u, thetas, alphas, self.slope)

    def _make_weights(self) -> None:
        self.square = self._square("square")
        self.bias = self._weight("bias", (self.dim,), 1.0)
        self.thetas = self._thetas()
        self.alphas = self._weight("alphas", (self.n_bases,), 2.0, -1.0)

    def _thetas(self) -> Any:
        shape = (self.dim, self.n_bases)
        if self.start == "variational":
            return self._weight("thetas", shape, 2.0, -1.0)
        uniform = keras.initializers.RandomUniform(-_THRESHOLDS, _THRESHOLDS, derive_seed(self.seed or 0, "thetas"))
        return self.add_weight(shape=shape, initializer=uniform, name="thetas")


@LATENT_STEPS.register("clipped_dendritic", "clipped-PLRNN", "clipped-dendritic")
@keras.saving.register_keras_serializable(package="indl_vae")
class ClippedDendriticStep(DendriticStep):
    """The dendritic step with branches that saturate, so that phi, and with `|a| < 1` every orbit, is bounded.

    A branch is `max(z - theta, 0) - max(z - theta + width, 0)`, or with `width = None` that of the paper,
    `max(z - theta, 0) - max(z, 0)` (Brenner, Hess et al. 2022, eq. 6). The code published with it for the variational
    fit has the former, with 5.

    Args:
        dim: Number of latent states M.
        n_bases: Number B of rectifiers of a unit.
        width: Distance of the two knees of a branch, or None.
        **kwargs: Of `LatentStep`.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(self, dim: int, n_bases: int = 20, width: float | None = None, **kwargs: Any) -> None:
        if width is not None and not width > 0:
            raise ConfigError(
                f"ClippedDendriticStep: `width` must be above 0, or None for the paper's form, got {width}."
            )
        self.width = None if width is None else float(width)
        super().__init__(dim, n_bases, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "width": self.width}

    def _sum(self, total: Total, branch: Branch, u: tf.Tensor, thetas: tf.Tensor, alphas: tf.Tensor) -> tf.Tensor:
        near = total(u, thetas, alphas, self.slope)
        if self.width is not None:
            return near - total(u, thetas - self.width, alphas, self.slope)
        return near - tf.reduce_sum(alphas) * branch(u, self.slope)  # the same knee in all branches
