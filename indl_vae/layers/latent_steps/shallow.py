"""Piecewise-linear networks with a hidden layer."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.piecewise_step import PiecewiseStep
from indl_vae.layers.latent_steps.base import LATENT_STEPS, LatentStep, rectified, rectifier_slope
from indl_vae.layers.latent_steps.initializers import DiagonalOfNearIdentity
from indl_vae.numerics import derive_seed


@LATENT_STEPS.register("shallow", "shallowPLRNN")
@keras.saving.register_keras_serializable(package="indl_vae")
class ShallowStep(LatentStep):
    """`a * z + W1 max(W2 z + h2, 0) + h1 + C s`; W1 `(M, H)`, W2 `(H, M)`.

    With H large enough it can be as many-branched as the observed system asks for with no more states than that has.

    Reference: Hess et al., "Generalized teacher forcing for learning chaotic dynamics", ICML 2023, eq. 2.

    Args:
        dim: Number of latent states M.
        n_hidden: Number H of hidden units.
        **kwargs: Of `LatentStep`.

    Attributes:
        diagonal: a `(M,)`.
        bias: h1 `(M,)`.
        output_kernel: W1 transposed, `(H, M)`.
        hidden_kernel: W2 transposed, `(M, H)`.
        hidden_bias: h2 `(H,)`.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(self, dim: int, n_hidden: int = 50, **kwargs: Any) -> None:
        if int(n_hidden) < 1:
            raise ConfigError(f"{type(self).__name__}: `n_hidden` must be at least 1, got {n_hidden}.")
        self.n_hidden = int(n_hidden)
        super().__init__(dim, **kwargs)

    def piecewise(self) -> PiecewiseStep:
        names = ("diagonal", "output_kernel", "bias", "hidden_kernel", "hidden_bias")
        diagonal, kernel, bias, mixing, hidden = (tf.convert_to_tensor(getattr(self, name)) for name in names)
        centering = self._centering()
        mixing = mixing if centering is None else tf.matmul(centering, mixing)
        return PiecewiseStep(
            diagonal,
            kernel,
            bias,
            lambda u: self._hidden(u, hidden),
            lambda u: self._hidden_slope(u, hidden),
            mixing,
            self.clip_range,
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "n_hidden": self.n_hidden}

    def _hidden(self, u: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        return rectified(u + bias, self.slope)

    def _hidden_slope(self, u: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        return rectifier_slope(u + bias, self.slope)

    def _make_weights(self) -> None:
        start = DiagonalOfNearIdentity(self.start, seed=derive_seed(self.seed or 0, "diagonal"))
        self.diagonal = self.add_weight(shape=(self.dim,), initializer=start, name="diagonal")
        self.bias = self._weight("bias", (self.dim,), 1.0)
        self.output_kernel = self._uniform("output_kernel", (self.n_hidden, self.dim), self.dim)
        self.hidden_kernel = self._uniform("hidden_kernel", (self.dim, self.n_hidden), self.n_hidden)
        self.hidden_bias = self._hidden_bias()

    def _uniform(self, name: str, shape: tuple[int, ...], size: int) -> Any:
        bound = size**-0.5
        uniform = keras.initializers.RandomUniform(-bound, bound, derive_seed(self.seed or 0, name))
        return self.add_weight(shape=shape, initializer=uniform, name=name)

    def _hidden_bias(self) -> Any:
        return self.add_weight(shape=(self.n_hidden,), initializer="zeros", name="hidden_bias")


@LATENT_STEPS.register("clipped_shallow", "clippedShallowPLRNN", "clipped-shallow")
@keras.saving.register_keras_serializable(package="indl_vae")
class ClippedShallowStep(ShallowStep):
    """`a * z + W1 [max(W2 z + h2, 0) - max(W2 z, 0)] + h1 + C s`: bounded orbits where `|a| < 1`; see `ShallowStep`.

    The hidden biases start at random: with 0 the two rectifiers would cancel, and no gradient would leave them.
    """

    def _hidden(self, u: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        return super()._hidden(u, bias) - rectified(u, self.slope)

    def _hidden_slope(self, u: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        return super()._hidden_slope(u, bias) - rectifier_slope(u, self.slope)

    def _hidden_bias(self) -> Any:
        return self._uniform("hidden_bias", (self.n_hidden,), self.n_hidden)
