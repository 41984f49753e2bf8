"""The plain piecewise-linear recurrent network."""

from __future__ import annotations

import functools

import keras

from indl_vae.inference.piecewise_step import PiecewiseStep
from indl_vae.layers.latent_steps.base import LATENT_STEPS, LatentStep, rectified, rectifier_slope, split_square


@LATENT_STEPS.register("plain", "PLRNN")
@keras.saving.register_keras_serializable(package="indl_vae")
class PlainStep(LatentStep):
    """`a * z + max(z, 0) W' + h + C s`, W without its diagonal (Durstewitz 2017); arguments are those of `LatentStep`.

    Attributes:
        square: `(M, M)`: a on the diagonal, W beside it.
        bias: h `(M,)`.
    """

    def piecewise(self) -> PiecewiseStep:
        diagonal, kernel = split_square(self.square)
        value = functools.partial(rectified, slope=self.slope)
        slope = functools.partial(rectifier_slope, slope=self.slope)
        bias = keras.ops.convert_to_tensor(self.bias)
        return PiecewiseStep(diagonal, kernel, bias, value, slope, self._centering(), self.clip_range)

    def _make_weights(self) -> None:
        self.square = self._square("square")
        self.bias = self._weight("bias", (self.dim,), 1.0)
