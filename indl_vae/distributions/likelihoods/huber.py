"""Real-valued observations with outliers."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood
from indl_vae.errors import ConfigError

tfd = tfp.distributions


class HuberDistribution(tfd.Distribution):
    """The density proportional to `exp(-huber(x - loc))`: normal in the middle, exponential beyond `delta`.

    It is a mixture of a normal cut off at `delta` and two exponential tails; the normaliser is that of both.

    Args:
        loc: Mean and mode.
        delta: Distance from which on the loss is linear.
    """

    def __init__(self, loc: tf.Tensor, delta: float = 1.0, name: str = "Huber") -> None:
        self.delta, self.loc = float(delta), loc
        self.middle = math.sqrt(2.0 * math.pi) * math.erf(self.delta / math.sqrt(2.0))
        self.tails = 2.0 / self.delta * math.exp(-0.5 * self.delta**2)
        super().__init__(
            dtype=loc.dtype,
            reparameterization_type=tfd.NOT_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters={"loc": loc, "delta": delta},
            name=name,
        )

    @classmethod
    def _parameter_properties(cls, dtype, num_classes=None):
        return {
            "loc": tfp.util.ParameterProperties(),
            "delta": tfp.util.ParameterProperties(event_ndims=None),
        }

    def _event_shape_tensor(self):
        return tf.constant([], tf.int32)

    def _event_shape(self):
        return tf.TensorShape([])

    def _log_prob(self, value):
        away = tf.abs(value - self.loc)
        near = tf.minimum(away, self.delta)
        return -(0.5 * near**2 + self.delta * (away - near)) - math.log(self.middle + self.tails)

    def _mean(self):
        return tf.identity(self.loc)

    def _variance(self):
        d = self.delta
        middle = self.middle - 2.0 * d * math.exp(-0.5 * d**2)
        tails = 2.0 * math.exp(-0.5 * d**2) * (d + 2.0 / d + 2.0 / d**3)
        return tf.fill(tf.shape(self.loc), tf.cast((middle + tails) / (self.middle + self.tails), self.dtype))

    def _sample_n(self, n, seed=None):
        shape = tf.concat([[n], tf.shape(self.loc)], 0)
        seeds = tfp.random.split_seed(seed, 3)
        uniform = lambda which: tf.random.stateless_uniform(shape, seeds[which], 1e-7, 1.0)  # noqa: E731
        half = 0.5 * math.erf(self.delta / math.sqrt(2.0))
        normal = tfd.Normal(0.0, 1.0).quantile(0.5 + half * (2.0 * uniform(0) - 1.0))
        tail = self.delta - tf.math.log(uniform(0)) / self.delta
        signed = tf.where(uniform(1) < 0.5, tail, -tail)
        inside = uniform(2) < self.middle / (self.middle + self.tails)
        return self.loc + tf.where(inside, normal, signed)


@LIKELIHOODS.register("huber")
@keras.saving.register_keras_serializable(package="indl_vae")
class HuberLikelihood(Likelihood):
    """Values around `raw` whose negative log-density is Huber's loss and a constant (Huber 1964).

    Args:
        n_channels: Number of channels N.
        delta: Distance from which on the loss is linear.

    Raises:
        ConfigError: `delta` is not above 0.
    """

    support = "real"

    def __init__(self, n_channels: int, delta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(n_channels, **kwargs)
        if not delta > 0:
            raise ConfigError(f"HuberLikelihood: `delta` must be above 0, got {delta}.")
        self.delta = float(delta)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "delta": self.delta}

    def _distribution(self, mean: tf.Tensor) -> HuberDistribution:
        return HuberDistribution(mean, self.delta)
