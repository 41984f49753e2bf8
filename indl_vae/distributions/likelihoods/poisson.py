"""Spike counts as Poisson draws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.likelihoods.base import LIKELIHOODS, Likelihood
from indl_vae.distributions.likelihoods.soft_clip import soft_clip
from indl_vae.errors import ConfigError
from indl_vae.numerics import LOG_RATE_RANGE, log_factorial

tfd = tfp.distributions

NORMALIZERS = ("exact", "stirling")

_LOG_FACTORIALS = log_factorial(np.arange(256)).astype("float32")


@LIKELIHOODS.register("poisson")
@keras.saving.register_keras_serializable(package="indl_vae")
class PoissonLikelihood(Likelihood):
    """Counts with rate `exp(raw)` per bin.

    Args:
        n_channels: Number of channels N.
        clip_log_rate: Whether log-rates are kept within `numerics.LOG_RATE_RANGE`, in likelihood and rate alike, so
            that no rate overflows; off for parity with published codes.
        normalizer: How `log k!` is counted: "exact", or "stirling" as `tf.nn.log_poisson_loss` and lfads-torch do.

    Raises:
        ConfigError: An argument is out of range.
    """

    support = "counts"

    def __init__(self, n_channels: int, clip_log_rate: bool = True, normalizer: str = "exact", **kwargs: Any) -> None:
        super().__init__(n_channels, **kwargs)
        self.clip_log_rate = bool(clip_log_rate)
        self.normalizer = _check_normalizer(normalizer)

    def log_prob(
        self, x: tf.Tensor, raw: tf.Tensor | Mapping[str, tf.Tensor], normalizer: str | None = None
    ) -> tf.Tensor:
        """Returns the log-probability of each count in nats, `(B, T, N)`.

        Args:
            x: Counts `(B, T, N)`.
            raw: As for `distribution`.
            normalizer: Overrules the layer's own, to report a second value beside it.
        """
        x = tf.cast(x, tf.float32)
        log_rate = self._clip(self._parameters(raw)[0])
        stirling = _check_normalizer(normalizer or self.normalizer) == "stirling"
        return x * log_rate - tf.exp(log_rate) - (stirling_log_factorial(x) if stirling else exact_log_factorial(x))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "clip_log_rate": self.clip_log_rate, "normalizer": self.normalizer}

    def _distribution(self, log_rate: tf.Tensor) -> tfd.Poisson:
        return tfd.Poisson(log_rate=self._clip(log_rate))

    def _clip(self, log_rate: tf.Tensor) -> tf.Tensor:
        return soft_clip(log_rate, *LOG_RATE_RANGE) if self.clip_log_rate else log_rate


def exact_log_factorial(counts: tf.Tensor) -> tf.Tensor:
    """Returns log k!; from a table where all counts are small whole numbers, which spares the gamma function."""
    whole = (counts == tf.floor(counts)) & (counts >= 0.0) & (counts < float(len(_LOG_FACTORIALS)))
    return tf.cond(
        tf.reduce_all(whole),
        lambda: tf.gather(_LOG_FACTORIALS, tf.cast(counts, tf.int32)),
        lambda: tf.math.lgamma(counts + 1.0),
    )


def stirling_log_factorial(counts: tf.Tensor) -> tf.Tensor:
    """Returns what `numerics.stirling_log_factorial` does, on tensors."""
    safe = tf.maximum(counts, 1.0)
    formula = safe * tf.math.log(safe) - safe + 0.5 * tf.math.log(2.0 * math.pi * safe)
    return tf.where(counts > 1.0, formula, 0.0)


def _check_normalizer(normalizer: str) -> str:
    if normalizer not in NORMALIZERS:
        raise ConfigError(f"PoissonLikelihood: `normalizer` must be one of {NORMALIZERS}, got {normalizer!r}.")
    return normalizer
