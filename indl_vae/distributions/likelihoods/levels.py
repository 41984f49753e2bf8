"""What the likelihoods of whole levels, ordered or not, have in common."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from indl_vae.distributions.likelihoods.base import Likelihood
from indl_vae.distributions.likelihoods.levels_distribution import Levels
from indl_vae.errors import ConfigError


class LevelsLikelihood(Likelihood):
    """Data that are one of the whole numbers 0 to L - 1; subclasses say with which log-probabilities.

    Any other value has log-probability minus infinity.

    Args:
        n_channels: Number of channels N.
        n_levels: Number of levels L of every channel.

    Raises:
        ConfigError: `n_levels` is below 2.
    """

    support = "levels"

    def __init__(self, n_channels: int, n_levels: int, **kwargs: Any) -> None:
        super().__init__(n_channels, **kwargs)
        if int(n_levels) < 2:
            raise ConfigError(
                f"{type(self).__name__}: `n_levels` must be at least 2, got {n_levels}; "
                "count the levels from 0, so that data of 0, 1 and 2 have 3."
            )
        self.n_levels = int(n_levels)

    def probabilities(self, raw: tf.Tensor | Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Returns the probability of each level of each entry, `(B, T, N, L)`; the last axis sums to 1.

        Args:
            raw: As for `distribution`.
        """
        return self.distribution(raw).probs

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "n_levels": self.n_levels}

    def _distribution(self, *parameters: tf.Tensor) -> Levels:
        return Levels(self._log_probabilities(*parameters))

    @abc.abstractmethod
    def _log_probabilities(self, *parameters: tf.Tensor) -> tf.Tensor:
        """Returns finite log-probabilities `(B, T, N, L)` for the chunks of `raw`, each `(B, T, N)`."""
