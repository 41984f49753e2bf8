"""The same normal prior at each bin."""

from __future__ import annotations

import keras
import tensorflow as tf

from indl_vae.distributions.priors.base import PRIORS, sum_over_bins
from indl_vae.distributions.priors.multivariate_normal import MultivariateNormalPrior
from indl_vae.typing import Latent


@PRIORS.register("tiled")
@keras.saving.register_keras_serializable(package="indl_vae")
class TiledNormalPrior(MultivariateNormalPrior):
    """`p(z_1..T) = prod_t N(z_t; m, S)`: one normal, shared by all bins, for a latent `(B, T, D)`.

    Arguments, attributes and errors are those of `MultivariateNormalPrior`.
    """

    ranks = (3,)

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, n_bins, D)`, a function of `seed`."""
        return self._draw((n, self._check_n_bins(n_bins), self.dim), seed)

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return sum_over_bins(self._kl_per_bin(latent), counted)
