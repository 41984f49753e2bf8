"""Observations that are often exactly zero and positive otherwise, such as deconvolved calcium events."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood
from indl_vae.distributions.likelihoods.soft_clip import soft_clip
from indl_vae.distributions.likelihoods.zero_inflated_gamma_distribution import ZeroInflatedGamma
from indl_vae.errors import ConfigError

#: Sigmoids of the heads are kept at or above this, and the probability of a zero likewise.
SIGMOID_FLOOR = 1e-5
_LOGIT_LIMIT = -math.log(SIGMOID_FLOOR / (1.0 - SIGMOID_FLOOR))


@LIKELIHOODS.register("zero_inflated_gamma")
@keras.saving.register_keras_serializable(package="indl_vae")
class ZeroInflatedGammaLikelihood(Likelihood):
    """A zero with probability 1 - q, otherwise `gamma_loc + Gamma(alpha, beta)` (as in lfads-torch).

    Three heads a, b, c per channel: `alpha = sigmoid(a) s_0`, `beta = sigmoid(b) s_1`, `q = sigmoid(c)`, with trained
    scales s of each channel; sigmoids are kept at 1e-5 or above. `raw = [alpha | beta | logit q]`; the mean is
    `q (alpha / beta + gamma_loc)`. The layer adds the loss `scale_penalty / 2 * sum (s - scale_prior)^2`.

    Args:
        n_channels: Number of channels N.
        gamma_loc: Least value other than 0.
        scale_init: Initial s.
        scale_prior: The value that the penalty draws s to.
        scale_penalty: Strength of that penalty; 0 for none.
        data_floor: Values nearer than this to `gamma_loc` count as this far above it.

    Attributes:
        channel_scale: Weight `(2, N)`.

    Raises:
        ConfigError: An argument is out of range.
    """

    support = "nonnegative"
    params_per_channel = 3

    def __init__(
        self,
        n_channels: int,
        gamma_loc: float = 0.0,
        scale_init: float = 20.0,
        scale_prior: float = 20.0,
        scale_penalty: float = 0.0,
        data_floor: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(n_channels, **kwargs)
        self.gamma_loc = float(gamma_loc)
        self.scale_init = float(scale_init)
        self.scale_prior = float(scale_prior)
        self.scale_penalty = float(scale_penalty)
        self.data_floor = float(data_floor)
        self._check_options()
        start = keras.initializers.Constant(self.scale_init)
        self.channel_scale = self.add_weight(shape=(2, self.n_channels), initializer=start, name="channel_scale")

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = ("gamma_loc", "scale_init", "scale_prior", "scale_penalty", "data_floor")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _to_raw(self, pre: tf.Tensor) -> tf.Tensor:
        scale = tf.convert_to_tensor(self.channel_scale)
        if self.scale_penalty:
            self.add_loss(0.5 * self.scale_penalty * tf.reduce_sum(tf.square(scale - self.scale_prior)))
        alpha, beta, logit = tf.split(pre, 3, axis=-1)
        scale = soft_clip(scale, SIGMOID_FLOOR, math.inf)  # a scale trained below 0 would leave no gamma law
        alpha, beta = (tf.sigmoid(soft_clip(part, -_LOGIT_LIMIT, math.inf)) for part in (alpha, beta))
        return tf.concat([alpha * scale[0], beta * scale[1], soft_clip(logit, -_LOGIT_LIMIT, _LOGIT_LIMIT)], axis=-1)

    def _distribution(self, alpha: tf.Tensor, beta: tf.Tensor, logit: tf.Tensor) -> ZeroInflatedGamma:
        return ZeroInflatedGamma(alpha, beta, logit, self.gamma_loc, self.data_floor)

    def _check_options(self) -> None:
        name = type(self).__name__
        for argument in ("scale_init", "data_floor"):
            if not getattr(self, argument) > 0:
                raise ConfigError(f"{name}: `{argument}` must be above 0, got {getattr(self, argument)}.")
        for argument in ("gamma_loc", "scale_penalty"):
            if getattr(self, argument) < 0:
                raise ConfigError(f"{name}: `{argument}` must be 0 or more, got {getattr(self, argument)}.")
