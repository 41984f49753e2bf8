"""Ordered levels, such as ratings, by cumulative links."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.likelihoods.base import LIKELIHOODS
from indl_vae.distributions.likelihoods.levels import LevelsLikelihood
from indl_vae.distributions.likelihoods.soft_clip import soft_clip
from indl_vae.numerics import softplus_inverse

#: Least distance of neighbouring thresholds: float32 still tells them apart at thresholds of 100.
LEAST_GAP = 1e-4


@LIKELIHOODS.register("ordinal")
@keras.saving.register_keras_serializable(package="indl_vae")
class OrdinalLikelihood(LevelsLikelihood):
    """Levels 0 to L - 1 with `P(x <= k) = sigmoid(theta_k - score)`, theta_0 < ... < theta_(L-2) (proportional odds).

    The score is the one pre-activation of a channel; its L - 1 thresholds are trained weights:
    `raw = [score | theta_0 | theta_1 | ...]`. theta_0 is free and each further one lies a softplus above the one
    before, so that the order holds whatever the weights. At first all levels are equally likely at a score of 0. The
    mean is the expected level.

    Source: McCullagh, "Regression models for ordinal data", J. R. Stat. Soc. B 42, 1980.

    Args:
        n_channels: Number of channels N.
        n_levels: Number of levels L of every channel.

    Attributes:
        first_threshold: Weight `(N,)`, theta_0.
        raw_gaps: Weight `(L - 2, N)`, distances of the thresholds before softplus; None for two levels.

    Raises:
        ConfigError: `n_levels` is below 2.
    """

    def __init__(self, n_channels: int, n_levels: int, **kwargs: Any) -> None:
        super().__init__(n_channels, n_levels, **kwargs)
        first, *gaps = _equally_likely(self.n_levels)
        self.first_threshold = self.add_weight(
            shape=(self.n_channels,), initializer=keras.initializers.Constant(first), name="first_threshold"
        )
        self.raw_gaps = None
        if gaps:
            start = [[softplus_inverse(max(gap - LEAST_GAP, LEAST_GAP))] * self.n_channels for gap in gaps]
            self.raw_gaps = self.add_weight(
                shape=(self.n_levels - 2, self.n_channels),
                initializer=lambda shape, dtype: tf.constant(start, dtype, shape),
                name="raw_gaps",
            )

    @property
    def raw_per_channel(self) -> int:
        """Columns of `raw` a channel has: the score and L - 1 thresholds."""
        return self.n_levels

    def thresholds(self) -> tf.Tensor:
        """Returns the trained thresholds, `(L - 1, N)`, ascending along the first axis."""
        first = tf.convert_to_tensor(self.first_threshold)[None]
        if self.raw_gaps is None:
            return first
        gaps = tf.nn.softplus(tf.convert_to_tensor(self.raw_gaps)) + LEAST_GAP
        return tf.concat([first, first + tf.cumsum(gaps, axis=0)], axis=0)

    def _to_raw(self, pre: tf.Tensor) -> tf.Tensor:
        return self._append(pre, self.thresholds())

    def _log_probabilities(self, score: tf.Tensor, *thresholds: tf.Tensor) -> tf.Tensor:
        """Returns log(s(b) - s(a)) of sigmoids s as log s(b) + log s(-a) + log(1 - e^(a-b)), which cancels nowhere."""
        limits = tf.stack(thresholds, axis=-1)
        up_to, beyond = (tf.math.log_sigmoid(sign * (limits - score[..., None])) for sign in (1.0, -1.0))
        gaps = soft_clip(limits[..., 1:] - limits[..., :-1], LEAST_GAP, math.inf)
        between = tf.math.log(-tf.math.expm1(-gaps))
        end = tf.zeros_like(score)[..., None]  # no limit below the first level, and none above the last
        return tf.concat([up_to, end], -1) + tf.concat([end, beyond], -1) + tf.concat([end, between, end], -1)


def _equally_likely(n_levels: int) -> list[float]:
    """Returns the first threshold and the distances of the others at which all levels are equally likely at score 0."""
    places = [math.log(k / (n_levels - k)) for k in range(1, n_levels)]
    return [places[0], *(after - before for before, after in zip(places, places[1:], strict=False))]
