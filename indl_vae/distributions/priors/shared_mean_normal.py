"""A prior whose bins, or segments, share an unknown mean, which is integrated out."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian, log_density, marginal_variance
from indl_vae.distributions.priors.base import PRIORS, Prior, sum_over_bins
from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.typing import Latent

tfd = tfp.distributions


@PRIORS.register("shared_mean")
@keras.saving.register_keras_serializable(package="indl_vae")
class SharedMeanNormalPrior(Prior):
    """`mu ~ N(0, mean_std^2 I)`, `f_s | mu ~ N(mu, given_std^2 I)`: all f of a sequence together, without mu.

    Of n vectors each dimension has covariance `given_std^2 I + mean_std^2 1 1'`. This is the prior of FHVAE (Hsu, Zhang
    & Glass 2017) whose density bounds of the evidence need; conditioned on a mean estimated from the same data they
    would not be bounds.

    Args:
        dim: Number of latents D.
        mean_std: Deviation of the mean.
        given_std: Deviation of a vector around it.

    Raises:
        ConfigError: A deviation is not above 0.
    """

    def __init__(self, dim: int, mean_std: float = 1.0, given_std: float = 0.5, **kwargs: Any) -> None:
        super().__init__(dim, **kwargs)
        if not (mean_std > 0 and given_std > 0):
            raise ConfigError(
                f"SharedMeanNormalPrior: expected deviations above 0, got {mean_std} and {given_std}; the published "
                "ones are 1 and 0.5."
            )
        self.mean_std, self.given_std = float(mean_std), float(given_std)

    def distribution(self, latent: Latent | None = None) -> tfd.MultivariateNormalDiag:
        """Returns the law of each vector given those before it in `latent.sample`: batch `(B, S)`, event `(D,)`.

        Raises:
            ConfigError: `latent` is None; the law depends on the vectors before.
        """
        if latent is None:
            raise ConfigError(
                "SharedMeanNormalPrior.distribution: `latent` must be given, as each law depends on the vectors "
                "before; use sample() for draws from the prior alone."
            )
        sample = tf.cast(latent.sample, tf.float32)
        before = tf.cumsum(sample, axis=1, exclusive=True)
        count = tf.cumsum(tf.ones_like(sample), axis=1, exclusive=True)
        given, mean = self.given_std**2, self.mean_std**2
        spread = given + count * mean
        return tfd.MultivariateNormalDiag(mean * before / spread, tf.sqrt(given + given * mean / spread))

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, n_bins, D)`, a function of `seed`."""
        noise = random.normal((n, 1 + self._check_n_bins(n_bins), self.dim), seed)
        return self.mean_std * noise[:, :1] + self.given_std * noise[:, 1:]

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "dim": self.dim, "mean_std": self.mean_std, "given_std": self.given_std}

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        entropy = sum_over_bins(gaussian(latent.loc, latent.scale).entropy(), counted)
        variance = marginal_variance(latent.loc, latent.scale)
        return -entropy - self._log_prob(latent.loc, counted, variance)

    def _log_ratio(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        log_q = sum_over_bins(log_density(gaussian(latent.loc, latent.scale), latent.sample), counted)
        return log_q - self._log_prob(latent.sample, counted)

    def _log_prob(self, f: tf.Tensor, counted: tf.Tensor | None, variance: tf.Tensor | float = 0.0) -> tf.Tensor:
        """Returns `(B,)`: log p of vectors `(B, S, D)`, or its mean where they have this variance around `f`."""
        counts = tf.ones_like(f[..., :1]) if counted is None else counted[..., None]
        f, variance = tf.where(counts > 0, f, 0.0), tf.where(counts > 0, variance, tf.zeros_like(f))
        n = tf.reduce_sum(counts, axis=(1, 2))
        given, spread = self.given_std**2, self.given_std**2 + n * self.mean_std**2
        squares = tf.reduce_sum(tf.square(f) + variance, axis=(1, 2))
        of_sum = tf.reduce_sum(tf.square(tf.reduce_sum(f, axis=1)) + tf.reduce_sum(variance, axis=1), axis=1)
        quadratic = (squares - self.mean_std**2 * of_sum / spread) / given
        log_det = n * math.log(2.0 * math.pi * given) + tf.math.log(spread / given)
        return -0.5 * (quadratic + self.dim * log_det)
