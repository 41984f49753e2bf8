"""Networks that are linear but for a few rectified units."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.piecewise_step import PiecewiseStep
from indl_vae.layers.latent_steps.base import LATENT_STEPS, LatentStep, rectified, rectifier_slope
from indl_vae.layers.latent_steps.initializers import DiagonalOfNearIdentity
from indl_vae.numerics import derive_seed


@LATENT_STEPS.register("almost_linear", "AL-RNN", "ALRNN", "al_rnn")
@keras.saving.register_keras_serializable(package="indl_vae")
class AlmostLinearStep(LatentStep):
    """`a * z + W phi(z) + h + C s`, phi the identity but in the last P units, which are rectified.

    Space falls into at most 2^P regions in each of which the system is linear, so that an orbit is a word of few
    symbols. W is full: a rectified unit's weight on itself gives it one slope on either side of 0.

    Reference: Brenner et al., "Almost-linear RNNs yield highly interpretable symbolic codes in dynamical systems
    reconstruction", NeurIPS 2024, eq. 3.

    Args:
        dim: Number of latent states M.
        n_rectified: Number P of rectified units.
        **kwargs: Of `LatentStep`.

    Attributes:
        diagonal: a `(M,)`.
        bias: h `(M,)`.
        kernel: W transposed, `(M, M)`.

    Raises:
        ConfigError: `n_rectified` is not from 1 to M, or an argument of `LatentStep` out of range.
    """

    def __init__(self, dim: int, n_rectified: int = 2, **kwargs: Any) -> None:
        if not 1 <= int(n_rectified) <= int(dim):
            raise ConfigError(f"AlmostLinearStep: `n_rectified` must be from 1 to dim = {dim}, got {n_rectified}.")
        self.n_rectified = int(n_rectified)
        super().__init__(dim, **kwargs)

    def piecewise(self) -> PiecewiseStep:
        diagonal, kernel, bias = (tf.convert_to_tensor(one) for one in (self.diagonal, self.kernel, self.bias))
        linear = tf.cast(tf.range(self.dim) < self.dim - self.n_rectified, tf.float32)

        def value(u: tf.Tensor) -> tf.Tensor:
            return tf.where(linear > 0, u, rectified(u, self.slope))

        def slope(u: tf.Tensor) -> tf.Tensor:
            return tf.where(linear > 0, tf.ones_like(u), rectifier_slope(u, self.slope))

        return PiecewiseStep(diagonal, kernel, bias, value, slope, self._centering(), self.clip_range)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "n_rectified": self.n_rectified}

    def _make_weights(self) -> None:
        seed = derive_seed(self.seed or 0, "diagonal")
        start = DiagonalOfNearIdentity(self.start, seed=seed)
        self.diagonal = self.add_weight(shape=(self.dim,), initializer=start, name="diagonal")
        self.bias = self._weight("bias", (self.dim,), 1.0)
        bound = self.dim**-0.5
        uniform = keras.initializers.RandomUniform(-bound, bound, derive_seed(self.seed or 0, "kernel"))
        self.kernel = self.add_weight(shape=(self.dim, self.dim), initializer=uniform, name="kernel")
