"""The normal prior over a static latent."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian, reparameterize
from indl_vae.distributions.priors.base import PRIORS, Prior
from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.typing import Latent

tfd = tfp.distributions


@PRIORS.register("normal")
@keras.saving.register_keras_serializable(package="indl_vae")
class MultivariateNormalPrior(Prior):
    """`p(f) = N(m, S)` with a mean and a scale that may be trained.

    Starts at exactly `init_loc` and `init_std`. LFADS: mean trained, variance fixed at 0.1; with bounds
    `var = var_min + (var_max - var_min) * sigmoid(p)`, where p starts so that the variance is `init_std**2`.

    Args:
        dim: Number of latents D.
        init_loc: Initial mean.
        init_std: Initial standard deviation.
        train_mean: Whether the mean is trained.
        train_var: Whether the scale is trained.
        off_diag: Whether latents may covary; the scale is then a lower triangle, diagonal at the start.
        var_min: Lower bound of a trained variance; no bounds where `var_max` is not above it.
        var_max: Upper bound of a trained variance.
        tf1_compat: Whether, between bounds, `var = var_min + (var_max - var_min) * sigmoid(exp(p))` with p at log
            `init_std**2` in the beginning, which is not the variance then (run_lfads.py).

    Attributes:
        loc: Weight `(D,)`.
        raw_var: Weight `(D,)`: the log-variance, or p when there are bounds.
        lower: Weight `(D(D-1)/2,)`, the entries below the diagonal row by row; only with `off_diag`.

    Raises:
        ConfigError: An argument is out of range, or bounds and `off_diag` are given together.
    """

    ranks = (2,)

    def __init__(
        self,
        dim: int,
        init_loc: float = 0.0,
        init_std: float = 1.0,
        train_mean: bool = True,
        train_var: bool = True,
        off_diag: bool = False,
        var_min: float = 0.0,
        var_max: float = 0.0,
        tf1_compat: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, **kwargs)
        self.init_loc = float(init_loc)
        self.init_std = float(init_std)
        self.train_mean = bool(train_mean)
        self.train_var = bool(train_var)
        self.off_diag = bool(off_diag)
        self.var_min = float(var_min)
        self.var_max = float(var_max)
        self.tf1_compat = bool(tf1_compat)
        self._check_options()
        self._make_weights()

    @property
    def bounded(self) -> bool:
        """Whether the variance is kept between `var_min` and `var_max`."""
        return self.var_max > self.var_min

    @property
    def scale(self) -> tf.Tensor:
        """Standard deviations `(D,)`, or the lower triangle `(D, D)` with `off_diag`."""
        if self.bounded:
            raw = tf.convert_to_tensor(self.raw_var)
            share = tf.sigmoid(tf.exp(raw) if self.tf1_compat else raw)
            return tf.sqrt(self.var_min + (self.var_max - self.var_min) * share)
        std = tf.exp(0.5 * tf.convert_to_tensor(self.raw_var))
        if not self.off_diag or self.dim == 1:
            return std[:, None] if self.off_diag else std
        below = [(row, column) for row in range(self.dim) for column in range(row)]
        return tf.linalg.diag(std) + tf.scatter_nd(below, tf.convert_to_tensor(self.lower), [self.dim, self.dim])

    def distribution(self, latent: Latent | None = None) -> tfd.Distribution:
        """Returns the prior, batch `()` and event `(D,)`; it does not depend on `latent`."""
        return gaussian(tf.convert_to_tensor(self.loc), self.scale)

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, D)`, a function of `seed`; `n_bins` has no effect."""
        return self._draw((n, self.dim), seed)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = "dim init_loc init_std train_mean train_var off_diag var_min var_max tf1_compat".split()
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return self._kl_per_bin(latent)

    def _kl_per_latent(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return self._kl_per_entry(latent)

    def _kl_per_entry(self, latent: Latent) -> tf.Tensor:
        """Returns the KL of each bin's latents, of the shape of `latent.loc`."""
        if self.off_diag:
            raise ConfigError(f"{type(self).__name__}.kl_per_latent: expected `off_diag` False, got True.")
        ratio = tf.square(latent.scale / self.scale)
        return 0.5 * (ratio + tf.square((latent.loc - self.loc) / self.scale) - 1.0 - tf.math.log(ratio))

    def _kl_per_bin(self, latent: Latent) -> tf.Tensor:
        return tfd.kl_divergence(gaussian(latent.loc, latent.scale), self.distribution())

    def _draw(self, shape: tuple[int, ...], seed: int) -> tf.Tensor:
        loc = tf.broadcast_to(tf.convert_to_tensor(self.loc), shape)
        scale = tf.broadcast_to(self.scale, [*shape[:-1], *self.scale.shape])
        return reparameterize(loc, scale, random.normal(shape, seed))

    def _make_weights(self) -> None:
        variance = self.init_std**2
        raw = math.log(variance)
        if self.bounded and not self.tf1_compat:
            share = (variance - self.var_min) / (self.var_max - self.var_min)
            raw = math.log(share / (1.0 - share))
        constant = keras.initializers.Constant
        self.loc = self.add_weight(
            shape=(self.dim,), initializer=constant(self.init_loc), trainable=self.train_mean, name="loc"
        )
        self.raw_var = self.add_weight(
            shape=(self.dim,), initializer=constant(raw), trainable=self.train_var, name="raw_var"
        )
        if self.off_diag and self.dim > 1:
            size = self.dim * (self.dim - 1) // 2
            self.lower = self.add_weight(shape=(size,), initializer="zeros", trainable=self.train_var, name="lower")

    def _check_options(self) -> None:
        name = type(self).__name__
        if not self.init_std > 0:
            raise ConfigError(f"{name}: `init_std` must be above 0, got {self.init_std}.")
        if self.var_min < 0 or self.var_max < self.var_min:
            raise ConfigError(f"{name}: 0 <= `var_min` <= `var_max` must hold, got {self.var_min} and {self.var_max}.")
        inside = self.var_min < self.init_std**2 < self.var_max
        if self.bounded and not self.tf1_compat and not inside:
            raise ConfigError(
                f"{name}: the initial variance `init_std`**2 = {self.init_std**2:g} must lie between `var_min` = "
                f"{self.var_min:g} and `var_max` = {self.var_max:g}; move a bound or the start, or set both to 0."
            )
        if self.bounded and self.off_diag:
            raise ConfigError(
                f"{name}: bounds on the variance need a diagonal scale; set `off_diag` False or both bounds to 0."
            )
