"""No prior: the latent costs nothing."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.priors.base import PRIORS, Prior
from indl_vae.typing import Latent

tfd = tfp.distributions


@PRIORS.register("null")
@keras.saving.register_keras_serializable(package="indl_vae")
class NullPrior(Prior):
    """A KL of zero whatever the posterior, which turns the latent into a plain code (LFADS as an autoencoder).

    Takes static and dynamic latents. Its samples are zeros.

    Args:
        dim: Number of latents D.
    """

    ranks = (2, 3)

    def distribution(self, latent: Latent | None = None) -> tfd.Distribution:
        """Returns the point mass at 0 that `sample` draws from, batch `()` and event `(D,)`."""
        return tfd.VectorDeterministic(tf.zeros(self.dim))

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns zeros, `(n, D)` or with `n_bins` `(n, n_bins, D)`."""
        return tf.zeros([n, self.dim] if n_bins is None else [n, n_bins, self.dim])

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "dim": self.dim}

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return tf.zeros(tf.shape(latent.loc)[:1])

    def _log_ratio(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return self._kl(latent, counted)
