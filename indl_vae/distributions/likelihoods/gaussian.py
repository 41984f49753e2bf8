"""Real-valued observations with normal noise."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood
from indl_vae.errors import ConfigError
from indl_vae.numerics import SCALE_FLOOR, softplus_inverse

tfd = tfp.distributions

SCALES = ("per_bin", "per_channel", "fixed")


@LIKELIHOODS.register("gaussian")
@keras.saving.register_keras_serializable(package="indl_vae")
class GaussianLikelihood(Likelihood):
    """Values with mean `raw` and deviation `softplus(raw scale + softplus_inverse(1)) + 1e-5`, 1 at a raw scale of 0.

    Args:
        n_channels: Number of channels N.
        scale: "per_bin": a second output per channel, `raw = [mean | raw scale]`; "per_channel": a trained weight per
            channel, appended to raw likewise; "fixed": deviation 1, `raw = [mean]`.

    Attributes:
        raw_scale: Weight `(N,)`, only with "per_channel".

    Raises:
        ConfigError: `scale` is none of these.
    """

    support = "real"

    def __init__(self, n_channels: int, scale: str = "per_bin", **kwargs: Any) -> None:
        super().__init__(n_channels, **kwargs)
        if scale not in SCALES:
            raise ConfigError(f"GaussianLikelihood: `scale` must be one of {SCALES}, got {scale!r}.")
        self.scale = scale
        self.params_per_channel = 2 if scale == "per_bin" else 1
        if scale == "per_channel":
            self.raw_scale = self.add_weight(shape=(self.n_channels,), initializer="zeros", name="raw_scale")

    @property
    def raw_per_channel(self) -> int:
        """Columns of `raw` a channel has: 1 with a fixed deviation, 2 otherwise."""
        return 1 if self.scale == "fixed" else 2

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "scale": self.scale}

    def _to_raw(self, pre: tf.Tensor) -> tf.Tensor:
        return self._append(pre, self.raw_scale) if self.scale == "per_channel" else pre

    def _distribution(self, mean: tf.Tensor, raw_scale: tf.Tensor | None = None) -> tfd.Normal:
        if raw_scale is None:
            return tfd.Normal(loc=mean, scale=tf.ones_like(mean))
        return tfd.Normal(loc=mean, scale=tf.nn.softplus(raw_scale + softplus_inverse(1.0)) + SCALE_FLOOR)
