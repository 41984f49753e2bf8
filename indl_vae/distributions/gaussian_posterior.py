"""The posterior over a latent: from two heads to a draw, a mean and a scale."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian, reparameterize
from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.sampling_scope import is_sampling
from indl_vae.layers.seeded import Seeded
from indl_vae.numerics import SCALE_FLOOR, softplus_inverse
from indl_vae.typing import Latent

tfd = tfp.distributions

SCALE_TRANSFORMS = ("softplus", "logvar", "log_std")


@keras.saving.register_keras_serializable(package="indl_vae")
class GaussianPosterior(Seeded, keras.layers.Layer):
    """Turns a mean and an unconstrained scale into a normal posterior and one draw from it.

    `sample = loc + scale * eps` while training and inside `sampling_scope`; `sample = loc` otherwise.
    With `off_diag` the scale is a lower triangle L (covariance L L') whose entries are filled as by
    `tfp.bijectors.FillScaleTriL`: only the diagonal is made positive, so covariances may have either sign.

    Args:
        dim: Number of latents D.
        off_diag: Whether latents of one bin may covary.
        init_std: Standard deviation at `raw = 0` under "softplus", up to the floor of 1e-5; no effect under "logvar".
        scale_transform: "softplus": `softplus(raw + softplus_inverse(init_std)) + 1e-5`; "logvar": `sqrt(exp(raw) +
            min_var)`, the form of LFADS (Pandarinath et al. 2018); "log_std": `exp(raw)`.
        min_var: Least variance under "logvar".
        seed: Seed of the noise; None for a fresh one.
        sampled: Whether there are draws at all; False puts out the mean always.

    Call arguments:
        inputs: `[loc, raw]`; loc `(..., D)`, raw `(..., D)` or, with `off_diag`, `(..., D(D+1)/2)`.

    Returns:
        `Latent(sample, loc, scale)`; scale `(..., D)` or `(..., D, D)`.

    Raises:
        ConfigError: An option is out of range, or a width does not fit `dim`.
    """

    def __init__(
        self,
        dim: int,
        off_diag: bool = False,
        init_std: float = 0.1,
        scale_transform: str = "softplus",
        min_var: float = 1e-4,
        seed: int | None = None,
        sampled: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("dtype", "float32")  # KL and log-densities lose their digits in half precision
        super().__init__(**kwargs)
        _check_options(dim, init_std, scale_transform, min_var)
        self.dim = int(dim)
        self.off_diag = bool(off_diag)
        self.init_std = float(init_std)
        self.scale_transform = scale_transform
        self.min_var = float(min_var)
        self.seed = seed
        self.sampled = bool(sampled)
        self.seed_generator = keras.random.SeedGenerator(seed)

    @property
    def raw_size(self) -> int:
        """Width of the raw scale that `call` expects: D, or D(D+1)/2 with `off_diag`."""
        return self.dim * (self.dim + 1) // 2 if self.off_diag else self.dim

    def call(self, inputs: Any, training: bool | None = False) -> Latent:
        """Returns the draw (the mean where none is asked for), the mean and the scale."""
        loc, raw = inputs
        self._check_width("loc", loc, self.dim)
        self._check_width("raw", raw, self.raw_size)
        scale = self.scale(raw)
        if not (self.sampled and is_sampling(training)):
            return Latent(loc, loc, scale)
        noise = random.normal(keras.ops.shape(loc), self.seed_generator, loc.dtype)
        return Latent(reparameterize(loc, scale, noise), loc, scale)

    def scale(self, raw: tf.Tensor) -> tf.Tensor:
        """Returns the standard deviations `(..., D)`, or the lower triangles `(..., D, D)`, of raw scales."""
        if not self.off_diag:
            return self._positive(raw)
        triangle = tfp.math.fill_triangular(raw)
        return tf.linalg.set_diag(triangle, self._positive(tf.linalg.diag_part(triangle)))

    def distribution(self, latent: Latent) -> tfd.Distribution:
        """Returns the posterior itself, batch shape that of `latent.loc` without its last axis, event `(D,)`."""
        return gaussian(latent.loc, latent.scale)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = ("dim", "off_diag", "init_std", "scale_transform", "min_var", "seed", "sampled")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _positive(self, raw: tf.Tensor) -> tf.Tensor:
        if self.scale_transform == "logvar":
            return tf.sqrt(tf.exp(raw) + self.min_var)
        if self.scale_transform == "log_std":
            return tf.exp(raw)
        return tf.nn.softplus(raw + softplus_inverse(self.init_std)) + SCALE_FLOOR

    def _check_width(self, name: str, tensor: tf.Tensor, expected: int) -> None:
        if tensor.shape[-1] != expected:
            shape = "D(D+1)/2, as off_diag is on" if name == "raw" and self.off_diag else "D"
            raise ConfigError(
                f"GaussianPosterior: `{name}` must be {expected} wide ({shape}, with dim={self.dim}), but its shape is "
                f"{tuple(tensor.shape)}; give the head that makes it {expected} units."
            )


def _check_options(dim: int, init_std: float, scale_transform: str, min_var: float) -> None:
    if int(dim) < 1:
        raise ConfigError(f"GaussianPosterior: `dim` must be at least 1, got {dim}; for none leave the latent out.")
    if not init_std > 0:
        raise ConfigError(f"GaussianPosterior: `init_std` must be above 0, got {init_std}; the usual value is 0.1.")
    if scale_transform not in SCALE_TRANSFORMS:
        raise ConfigError(
            f"GaussianPosterior: `scale_transform` must be one of {SCALE_TRANSFORMS}, got {scale_transform!r}."
        )
    if min_var < 0:
        raise ConfigError(f"GaussianPosterior: `min_var` must be 0 or more, got {min_var}; LFADS uses 1e-4.")
