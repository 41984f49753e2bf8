"""The prior of the disentangled sequential autoencoder: a recurrent cell predicts each bin from those before."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian
from indl_vae.distributions.learnable_multivariate_normal_diag_cell import LearnableMultivariateNormalDiagCell
from indl_vae.distributions.priors.base import PRIORS, Prior, sum_over_bins
from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded
from indl_vae.typing import Latent

tfd = tfp.distributions

MODES = ("teacher_forced", "free_running")


@PRIORS.register("RNN", "LSTM", "GRU", "GRUClip", "SimpleRNN")
@keras.saving.register_keras_serializable(package="indl_vae")
class RecurrentNormalPrior(Seeded, Prior):
    """`p(z_t | z_<t) = N(m_t, diag s_t^2)` with both from `LearnableMultivariateNormalDiagCell` (Li & Mandt 2018).

    The KL is the sum over bins of `KL(q(z_t) | p(z_t | z_<t))` in closed form.

    Args:
        dim: Number of latents D.
        units: Hidden units of the cell.
        cell_type: "LSTM", "GRU", "GRUClip" (here a plain GRU), "SimpleRNN" or "RNN"; any case.
        init_std: Deviation of the first bin, and of all bins before training up to the random weights.
        mode: "teacher_forced": the cell reads the posterior's sample, shifted by one bin (z_0 = 0), which is the chain
            rule. "free_running": the cell reads its own samples, one path per trial, as TFP's example does; that sum is
            not a KL between two laws of the sequence, it is there to compare with.
        seed: Seed of the cell's own paths; None for a fresh one.

    Attributes:
        cell: The `LearnableMultivariateNormalDiagCell`, which owns all weights.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(
        self,
        dim: int,
        units: int,
        cell_type: str = "LSTM",
        init_std: float = 0.1,
        mode: str = "teacher_forced",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, **kwargs)
        if mode not in MODES:
            raise ConfigError(f"RecurrentNormalPrior: `mode` must be one of {MODES}, got {mode!r}.")
        self.units = int(units)
        self.cell_type = cell_type
        self.init_std = float(init_std)
        self.mode = mode
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        shared = {"name": f"{self.name}_cell", "dtype": self.dtype_policy}
        self.cell = LearnableMultivariateNormalDiagCell(dim, units, cell_type, init_std, seed=seed, **shared)
        self.rnn = keras.layers.RNN(self.cell.rnn_cell, return_sequences=True, dtype=self.dtype_policy)
        self.rnn.build((None, None, self.dim))

    def distribution(self, latent: Latent | None = None) -> tfd.MultivariateNormalDiag:
        """Returns the law of each bin given the bins before it in `latent.sample`: batch `(B, T)`, event `(D,)`.

        Raises:
            ConfigError: `latent` is None; the law of a bin depends on the bins before.
        """
        if latent is None:
            raise ConfigError(
                "RecurrentNormalPrior.distribution: `latent` must be given, as each bin's law depends on the bins "
                "before; use sample() for draws from the prior alone."
            )
        before = tf.pad(tf.cast(latent.sample, tf.float32), [[0, 0], [1, 0], [0, 0]])[:, :-1]
        loc, scale = self.cell.head(self.rnn(before))
        return tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale)

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, n_bins, D)`, a function of `seed`."""
        return self.cell.sample_dynamic_prior(self._check_n_bins(n_bins), batches=n, seed=seed)[0][0]

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = ("dim", "units", "cell_type", "init_std", "mode", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        prior = self.distribution(latent) if self.mode == "teacher_forced" else self._own_path(latent.loc)
        return sum_over_bins(tfd.kl_divergence(gaussian(latent.loc, latent.scale), prior), counted)

    def _own_path(self, like: tf.Tensor) -> tfd.MultivariateNormalDiag:
        noise = random.normal(keras.ops.shape(like), self.seed_generator)
        noise = tf.transpose(tf.ensure_shape(noise, like.shape), [1, 0, 2])
        _, loc, scale = (tf.transpose(part, [1, 0, 2]) for part in self.cell.rollout(noise))
        return tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale)
