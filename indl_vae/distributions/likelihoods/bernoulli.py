"""At most one spike per bin."""

from __future__ import annotations

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood

tfd = tfp.distributions


@LIKELIHOODS.register("bernoulli")
@keras.saving.register_keras_serializable(package="indl_vae")
class BernoulliLikelihood(Likelihood):
    """Zeros and ones with `raw` as log-odds of a one.

    Args:
        n_channels: Number of channels N.
    """

    support = "binary"

    def _distribution(self, logits: tf.Tensor) -> tfd.Bernoulli:
        return tfd.Bernoulli(logits=logits, dtype=tf.float32)
