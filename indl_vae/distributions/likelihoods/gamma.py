"""Positive observations, such as deconvolved calcium events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood
from indl_vae.distributions.likelihoods.soft_clip import soft_clip
from indl_vae.errors import ConfigError
from indl_vae.numerics import LOG_RATE_RANGE

tfd = tfp.distributions


@LIKELIHOODS.register("gamma")
@keras.saving.register_keras_serializable(package="indl_vae")
class GammaLikelihood(Likelihood):
    """Values with shape alpha and rate beta, mean alpha / beta; `raw = [log alpha | log beta]`.

    Both logarithms are kept within `numerics.LOG_RATE_RANGE`.

    Args:
        n_channels: Number of channels N.
        data_floor: Values below this count as this, as the density of a 0 may be 0 or infinite.

    Raises:
        ConfigError: `data_floor` is not above 0.
    """

    support = "positive"
    params_per_channel = 2

    def __init__(self, n_channels: int, data_floor: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(n_channels, **kwargs)
        if not data_floor > 0:
            raise ConfigError(f"GammaLikelihood: `data_floor` must be above 0, got {data_floor}; 1e-5 is usual.")
        self.data_floor = float(data_floor)

    def log_prob(self, x: tf.Tensor, raw: tf.Tensor | Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Returns the log-density of each entry, `(B, T, N)`, at no less than `data_floor`."""
        return super().log_prob(tf.maximum(tf.cast(x, tf.float32), self.data_floor), raw)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "data_floor": self.data_floor}

    def _distribution(self, log_alpha: tf.Tensor, log_beta: tf.Tensor) -> tfd.Gamma:
        log_alpha, log_beta = (soft_clip(part, *LOG_RATE_RANGE) for part in (log_alpha, log_beta))
        return tfd.Gamma(concentration=tf.exp(log_alpha), log_rate=log_beta)
