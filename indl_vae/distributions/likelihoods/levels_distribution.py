"""A TFP distribution over the whole levels 0 to L - 1, made of their log-probabilities."""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


class Levels(tfd.Distribution):
    """Level k with log-probability `log_probs[..., k]`.

    TFP's Categorical has neither mean nor variance, and its OrderedLogistic yields a NaN gradient at scores of 20. What
    is no level, or lies outside of 0 to L - 1, has log-probability minus infinity.

    Args:
        log_probs: Finite log-probabilities in nats, batch shape and then L; their exponentials sum to 1.
        name: Name of the distribution.
    """

    def __init__(self, log_probs: tf.Tensor, name: str = "Levels") -> None:
        parameters = dict(locals())
        self.log_probs = tf.convert_to_tensor(log_probs)
        super().__init__(
            dtype=self.log_probs.dtype,
            reparameterization_type=tfd.NOT_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters=parameters,
            name=name,
        )

    @property
    def probs(self) -> tf.Tensor:
        """Probabilities of the levels, batch shape and then L."""
        return tf.exp(self.log_probs)

    @classmethod
    def _parameter_properties(cls, dtype: Any, num_classes: int | None = None) -> dict[str, Any]:
        return {"log_probs": tfp.util.ParameterProperties(event_ndims=1)}

    def _event_shape(self) -> tf.TensorShape:
        return tf.TensorShape([])

    def _event_shape_tensor(self) -> tf.Tensor:
        return tf.constant([], tf.int32)

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        is_level = x[..., None] == self._values()
        found = tf.reduce_sum(tf.where(is_level, self.log_probs, 0.0), axis=-1)
        return tf.where(tf.reduce_any(is_level, axis=-1), found, -math.inf)

    def _mean(self) -> tf.Tensor:
        return tf.reduce_sum(self.probs * self._values(), axis=-1)

    def _variance(self) -> tf.Tensor:
        away = self._values() - self._mean()[..., None]
        return tf.reduce_sum(self.probs * tf.square(away), axis=-1)

    def _sample_n(self, n: int, seed: Any = None) -> tf.Tensor:
        """Counts the cumulative probabilities that a uniform number reaches: this compiles with XLA."""
        zeros = tf.zeros_like(self.log_probs[..., 0])
        uniform = tfd.Uniform(zeros, zeros + 1.0).sample(n, seed=seed)
        reached = uniform[..., None] >= tf.cumsum(self.probs, axis=-1)[..., :-1]
        return tf.reduce_sum(tf.cast(reached, self.dtype), axis=-1)

    def _values(self) -> tf.Tensor:
        return tf.range(self.log_probs.shape[-1], dtype=self.dtype)
