"""The same normal prior at each bin."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from indl_vae.distributions.priors.base import PRIORS, sum_over_bins
from indl_vae.distributions.priors.multivariate_normal import MultivariateNormalPrior
from indl_vae.typing import Latent


@PRIORS.register("tiled")
@keras.saving.register_keras_serializable(package="indl_vae")
class TiledNormalPrior(MultivariateNormalPrior):
    """`p(z_1..T) = prod_t N(z_t; m, S)`: one normal, shared by all bins, for a latent `(B, T, D)`.

    Arguments, attributes and errors are those of `MultivariateNormalPrior`, and one more:

    Args:
        mean_over_bins: Whether the KL is averaged over the counted bins rather than summed (AutoLFADS, lfads-torch).
    """

    ranks = (3,)

    def __init__(self, dim: int, *args: Any, mean_over_bins: bool = False, **kwargs: Any) -> None:
        super().__init__(dim, *args, **kwargs)
        self.mean_over_bins = bool(mean_over_bins)

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, n_bins, D)`, a function of `seed`."""
        return self._draw((n, self._check_n_bins(n_bins), self.dim), seed)

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        terms = self._kl_per_bin(latent)
        total = sum_over_bins(terms, counted)
        if not self.mean_over_bins:
            return total
        return tf.math.divide_no_nan(total, sum_over_bins(tf.ones_like(terms), counted))

    def _kl_per_latent(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return sum_over_bins(self._kl_per_entry(latent), counted)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        return {**super().get_config(), "mean_over_bins": self.mean_over_bins}
