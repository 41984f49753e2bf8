"""Overdispersed spike counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood, stateless_seed
from indl_vae.distributions.likelihoods.soft_clip import soft_clip
from indl_vae.errors import ConfigError
from indl_vae.numerics import LOG_RATE_RANGE

tfd = tfp.distributions


@LIKELIHOODS.register("negative_binomial")
@keras.saving.register_keras_serializable(package="indl_vae")
class NegativeBinomialLikelihood(Likelihood):
    """Counts with mean m per bin and variance `m + a m^2`; the dispersion a of a channel is a trained weight.

    `raw = [log m | log a]`. As a goes to 0 this becomes the Poisson law.

    Args:
        n_channels: Number of channels N.
        init_dispersion: Initial a.
        clip_log_rate: Whether log m is kept within `numerics.LOG_RATE_RANGE`; log a always is.

    Attributes:
        log_dispersion: Weight `(N,)`.

    Raises:
        ConfigError: `init_dispersion` is not above 0.
    """

    support = "counts"

    def __init__(
        self, n_channels: int, init_dispersion: float = 0.1, clip_log_rate: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(n_channels, **kwargs)
        if not init_dispersion > 0:
            raise ConfigError(
                f"NegativeBinomialLikelihood: `init_dispersion` must be above 0, got {init_dispersion}; "
                "for none take poisson."
            )
        self.init_dispersion = float(init_dispersion)
        self.clip_log_rate = bool(clip_log_rate)
        start = keras.initializers.Constant(math.log(self.init_dispersion))
        self.log_dispersion = self.add_weight(shape=(self.n_channels,), initializer=start, name="log_dispersion")

    @property
    def raw_per_channel(self) -> int:
        """Columns of `raw` a channel has: log mean and log dispersion."""
        return 2

    def sample(self, raw: tf.Tensor | Mapping[str, tf.Tensor], seed: int | tf.Tensor) -> tf.Tensor:
        """Returns one draw of each entry, `(B, T, N)` float32, a function of `seed`.

        Draws the rate from a gamma law and the count from a Poisson law: TFP's own sampler does not compile with XLA.
        """
        law = self.distribution(raw)
        for_rate, for_count = tfp.random.split_seed(stateless_seed(seed), n=2)
        rate = tfd.Gamma(concentration=law.total_count, log_rate=-law.logits).sample(seed=for_rate)
        return tfd.Poisson(rate=rate).sample(seed=for_count)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "init_dispersion": self.init_dispersion, "clip_log_rate": self.clip_log_rate}

    def _to_raw(self, pre: tf.Tensor) -> tf.Tensor:
        return self._append(pre, self.log_dispersion)

    def _distribution(self, log_mean: tf.Tensor, log_dispersion: tf.Tensor) -> tfd.NegativeBinomial:
        if self.clip_log_rate:
            log_mean = soft_clip(log_mean, *LOG_RATE_RANGE)
        log_dispersion = soft_clip(log_dispersion, *LOG_RATE_RANGE)
        return tfd.NegativeBinomial(total_count=tf.exp(-log_dispersion), logits=log_mean + log_dispersion)
