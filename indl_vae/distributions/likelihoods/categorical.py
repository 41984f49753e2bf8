"""Unordered classes, one of L in every bin."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.likelihoods.base import LIKELIHOODS
from indl_vae.distributions.likelihoods.levels import LevelsLikelihood


@LIKELIHOODS.register("categorical")
@keras.saving.register_keras_serializable(package="indl_vae")
class CategoricalLikelihood(LevelsLikelihood):
    """Class numbers 0 to L - 1 with `raw` as their logits: `raw = [logits of class 0 | of class 1 | ...]`.

    `mean`, and so a model's rates, is the expected class number. It means something for two classes alone, where it is
    the probability of class 1; of more classes ask `probabilities`.

    Args:
        n_channels: Number of channels N.
        n_levels: Number of classes L of every channel.

    Raises:
        ConfigError: `n_levels` is below 2.
    """

    def __init__(self, n_channels: int, n_levels: int, **kwargs: Any) -> None:
        super().__init__(n_channels, n_levels, **kwargs)
        self.params_per_channel = self.n_levels

    def _log_probabilities(self, *logits: tf.Tensor) -> tf.Tensor:
        return tf.nn.log_softmax(tf.stack(logits, axis=-1), axis=-1)
