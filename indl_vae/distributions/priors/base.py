"""What every prior over a latent has in common."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian, log_density
from indl_vae.errors import ConfigError
from indl_vae.registry import Registry
from indl_vae.typing import Latent

tfd = tfp.distributions

#: Priors by name.
PRIORS = Registry("prior")


class Prior(keras.layers.Layer, abc.ABC):
    """A prior over one latent, as a layer that owns the prior's weights.

    The weights are made by the constructor, as `dim` is known there, so a prior needs no call before its first use.
    Subclasses write `_kl`, `distribution` and `sample`, and register themselves in `PRIORS`.

    Args:
        dim: Number of latents D.

    Attributes:
        ranks: Ranks of `latent.loc` the prior takes: 2 for a static latent `(B, D)`, 3 for a dynamic one `(B, T, D)`.
    """

    ranks: tuple[int, ...] = (3,)

    def __init__(self, dim: int, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")  # log-densities lose their digits in half precision
        super().__init__(**kwargs)
        if int(dim) < 1:
            raise ConfigError(
                f"{type(self).__name__}: `dim` must be at least 1, got {dim}; without latents there is no prior."
            )
        self.dim = int(dim)
        self.built = True

    def kl(self, latent: Latent, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Returns the KL divergence of the posterior from this prior, in nats per trial.

        Args:
            latent: The posterior: sample and loc `(B, D)` or `(B, T, D)`, scale alike or `(..., D, D)` triangular.
            mask: `(B, T)`, above 0 where the bin counts; None counts all. A static latent has no bins: no effect there.

        Returns:
            `(B,)`, summed over bins and latents.

        Raises:
            ConfigError: A part of the latent is missing, or a rank or width does not fit.
        """
        return self._checked(latent, mask, self._kl)

    def log_ratio(self, latent: Latent, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Returns `log q - log p` at the posterior's sample, in nats per trial: the KL's unbiased estimate from it.

        Arguments, shape and errors are those of `kl`.
        """
        return self._checked(latent, mask, self._log_ratio)

    def kl_per_latent(self, latent: Latent, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Returns the KL divergence latent by latent, `(B, D)`, summed over bins: the expectation in closed form.

        Arguments are those of `kl`.

        Raises:
            ConfigError: As of `kl`; or latents depend on one another, in the prior or the posterior.
        """
        if len(latent[2].shape) != len(latent[1].shape):
            raise ConfigError(
                f"{type(self).__name__}.kl_per_latent: expected deviations shaped like loc {tuple(latent[1].shape)}, "
                f"got a scale {tuple(latent[2].shape)}: latents that covary have no divergence of their own."
            )
        return self._checked(latent, mask, self._kl_per_latent)

    def call(
        self, latent: Latent, counted: tf.Tensor | None = None, log_ratio: bool = False, per_latent: bool = False
    ) -> tf.Tensor:
        """Returns `kl(latent, counted)`, or `log_ratio(latent, counted)`, or `kl_per_latent(latent, counted)`.

        The second argument is not named mask, which Keras would fill by itself.
        """
        if per_latent:
            return self.kl_per_latent(latent, counted)
        return self.log_ratio(latent, counted) if log_ratio else self.kl(latent, counted)

    @abc.abstractmethod
    def distribution(self, latent: Latent | None = None) -> tfd.Distribution:
        """Returns the prior with event `(D,)`; a dynamic prior is conditioned on `latent.sample`, batch `(B, T)`."""

    @abc.abstractmethod
    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns `n` draws, `(n, D)` or, of a dynamic prior, `(n, n_bins, D)`; a function of `seed`."""

    @abc.abstractmethod
    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        """Returns the KL `(B,)` of a checked float32 latent; `counted` is `(B, T)` of 0. and 1., or None."""

    def _kl_per_latent(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        """Returns the KL of each latent `(B, D)`; arguments as for `_kl`."""
        raise ConfigError(
            f"{type(self).__name__}.kl_per_latent: expected a prior under which latents are independent, 'tiled' or "
            "'AR1'; under this one a latent has no divergence of its own."
        )

    def _log_ratio(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        """Returns `log q - log p` at the sample `(B,)`; arguments as for `_kl`."""
        prior = log_density(self.distribution(latent), latent.sample)
        terms = log_density(gaussian(latent.loc, latent.scale), latent.sample) - prior
        return terms if len(latent.loc.shape) == 2 else sum_over_bins(terms, counted)

    def _checked(self, latent: Latent, mask: tf.Tensor | None, function: Callable[..., tf.Tensor]) -> tf.Tensor:
        latent = Latent(*latent)  # a model read from a file passes a plain tuple
        self._check(latent, mask)
        latent = Latent(*(tf.cast(part, tf.float32) for part in latent))
        counted = None if mask is None or len(latent.loc.shape) == 2 else tf.cast(mask > 0, tf.float32)
        return function(latent, counted)

    def _check(self, latent: Latent, mask: tf.Tensor | None) -> None:
        name = type(self).__name__
        if latent.loc is None or latent.scale is None:
            raise ConfigError(
                f"{name}.kl: the latent must have sample, loc and scale, but loc or scale is None; a latent drawn "
                "inside a recurrent cell gets them from the cell's outputs."
            )
        shape = tuple(latent.loc.shape)
        if len(shape) not in self.ranks or shape[-1] != self.dim:
            axes = " or ".join("(B, D)" if rank == 2 else "(B, T, D)" for rank in self.ranks)
            raise ConfigError(f"{name}.kl: `latent.loc` must be {axes} with D = {self.dim}, but its shape is {shape}.")
        if mask is not None and len(mask.shape) != 2:
            raise ConfigError(
                f"{name}.kl: `mask` must be (B, T), but its shape is {tuple(mask.shape)}; reduce a mask of single "
                "entries over channels first: a bin counts where any channel is observed."
            )

    def _check_n_bins(self, n_bins: int | None) -> int:
        if n_bins is None or int(n_bins) < 1:
            raise ConfigError(
                f"{type(self).__name__}.sample: `n_bins` must be at least 1, got {n_bins}: the latent is dynamic."
            )
        return int(n_bins)


def sum_over_bins(terms: tf.Tensor, counted: tf.Tensor | None) -> tf.Tensor:
    """Returns `(B,)` sums of terms `(B, T)` over the counted bins, or `(B, D)` of `(B, T, D)`."""
    if counted is None:
        return tf.reduce_sum(terms, axis=1)
    here = (counted if len(terms.shape) == 2 else counted[..., None]) > 0
    return tf.reduce_sum(tf.where(here, terms, 0.0), axis=1)
