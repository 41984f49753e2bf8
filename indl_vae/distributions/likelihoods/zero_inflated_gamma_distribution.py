"""A TFP distribution: a point mass at zero and a shifted gamma law beside it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


class ZeroInflatedGamma(tfd.Distribution):
    """0 with probability `1 - q`, otherwise `gamma_loc + Gamma(concentration, rate)`.

    `log_prob` is a log-probability at exactly 0 and a log-density elsewhere. TFP's own inflated law would add the
    density of the gamma law at 0, which may be infinite.

    Args:
        concentration: Shape alpha of the gamma law, batch shape.
        rate: Rate beta of the gamma law, batch shape.
        nonzero_logits: Log-odds of q, the probability of a value other than 0; batch shape.
        gamma_loc: Lower end of the gamma law.
        data_floor: Values nearer than this to `gamma_loc`, or below it, count as this far above.
        name: Name of the distribution.
    """

    def __init__(
        self,
        concentration: tf.Tensor,
        rate: tf.Tensor,
        nonzero_logits: tf.Tensor,
        gamma_loc: float = 0.0,
        data_floor: float = 1e-5,
        name: str = "ZeroInflatedGamma",
    ) -> None:
        parameters = dict(locals())
        self.nonzero_logits = tf.convert_to_tensor(nonzero_logits)
        self.gamma = tfd.Gamma(concentration=concentration, rate=rate)
        self.gamma_loc, self.data_floor = float(gamma_loc), float(data_floor)
        super().__init__(
            dtype=self.nonzero_logits.dtype,
            reparameterization_type=tfd.NOT_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters=parameters,
            name=name,
        )

    @classmethod
    def _parameter_properties(cls, dtype: Any, num_classes: int | None = None) -> dict[str, Any]:
        properties = tfp.util.ParameterProperties
        return {name: properties() for name in ("concentration", "rate", "nonzero_logits")}

    def _event_shape(self) -> tf.TensorShape:
        return tf.TensorShape([])

    def _event_shape_tensor(self) -> tf.Tensor:
        return tf.constant([], tf.int32)

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        above = tf.maximum(tf.where(x == 0, 1.0, x - self.gamma_loc), self.data_floor)  # 1: any value with a density
        present = self.gamma.log_prob(above) + tf.math.log_sigmoid(self.nonzero_logits)
        return tf.where(x == 0, tf.math.log_sigmoid(-self.nonzero_logits), present)

    def _mean(self) -> tf.Tensor:
        return tf.sigmoid(self.nonzero_logits) * (self.gamma.mean() + self.gamma_loc)

    def _variance(self) -> tf.Tensor:
        q = tf.sigmoid(self.nonzero_logits)
        return q * self.gamma.variance() + q * (1.0 - q) * tf.square(self.gamma.mean() + self.gamma_loc)

    def _sample_n(self, n: int, seed: Any = None) -> tf.Tensor:
        for_gamma, for_zeros = tfp.random.split_seed(seed, n=2)
        values = self.gamma.sample(n, seed=for_gamma) + self.gamma_loc
        nonzero = tfd.Bernoulli(logits=self.nonzero_logits, dtype=tf.bool).sample(n, seed=for_zeros)
        return tf.where(nonzero, values, 0.0)
