"""The autoregressive prior of LFADS over inferred inputs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian, log_density, log_det_scale, marginal_variance, reparameterize
from indl_vae.distributions.priors.base import PRIORS, Prior, sum_over_bins
from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded
from indl_vae.typing import Latent

tfd = tfp.distributions

KL_SAMPLES = ("same", "fresh", "analytic")


class _Links(NamedTuple):
    """Which bin each bin follows: `first` marks bins that follow none, `gap` is the distance in bins; `(B|1, T, 1)`."""

    first: tf.Tensor
    gap: tf.Tensor


@PRIORS.register("AR1")
@keras.saving.register_keras_serializable(package="indl_vae")
class AR1Prior(Seeded, Prior):
    """D independent zero-mean AR(1) processes in their stationary law (LFADS, Pandarinath et al. 2018).

    `z_1 ~ N(0, v / (1 - a^2))`, `z_t | z_(t-1) ~ N(a z_(t-1), v)`, with `a = exp(-1 / tau)`, `tau = exp(logtaus)` in
    bins and noise variance `v = exp(lognvars)`; the weights carry the names of the published code.

    A mask picks the bins that count, and the KL is that of the counted bins alone: the prior is marginalised over the
    others, so across a gap of k bins `z_t | z_(t-k) ~ N(a^k z_(t-k), (1 - a^(2k)) v / (1 - a^2))`.

    Args:
        dim: Number of latents D.
        tau: Initial time constant in bins.
        noise_std: Initial standard deviation of the noise, `sqrt(v)`.
        train_tau: Whether the time constants are trained.
        train_var: Whether the noise variances are trained.
        kl_sample: "same": `log q - log p` at the posterior's sample (TF1 LFADS; outside sampling that is its mean);
            "fresh": at an independent draw (AutoLFADS); "analytic": the expectation itself, exact as q factorises over
            bins.
        seed: Seed of the fresh draws; None for a fresh one.

    Attributes:
        logtaus: Weight `(D,)`.
        lognvars: Weight `(D,)`.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(
        self,
        dim: int,
        tau: float = 10.0,
        noise_std: float = 0.1,
        train_tau: bool = True,
        train_var: bool = True,
        kl_sample: str = "same",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, **kwargs)
        _check_options(tau, noise_std, kl_sample)
        self.tau = float(tau)
        self.noise_std = float(noise_std)
        self.train_tau = bool(train_tau)
        self.train_var = bool(train_var)
        self.kl_sample = kl_sample
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        for name, value, trainable in (
            ("logtaus", math.log(self.tau), self.train_tau),
            ("lognvars", 2.0 * math.log(self.noise_std), self.train_var),
        ):
            start = keras.initializers.Constant(value)
            setattr(self, name, self.add_weight(shape=(self.dim,), initializer=start, trainable=trainable, name=name))

    def distribution(self, latent: Latent | None = None) -> tfd.MultivariateNormalDiag:
        """Returns the law of each bin given the sample before it, batch `(B, T)`; without one the stationary law."""
        if latent is None:
            return tfd.MultivariateNormalDiag(loc=tf.zeros(self.dim), scale_diag=tf.sqrt(self._stationary_variance()))
        decay, variance = self._transition(_consecutive(latent.sample))
        return tfd.MultivariateNormalDiag(loc=decay * _before(latent.sample), scale_diag=tf.sqrt(variance))

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, n_bins, D)` of the stationary process, a function of `seed`."""
        noise = random.normal((self._check_n_bins(n_bins), n, self.dim), seed)
        decay, variance = self._transition(_consecutive(tf.zeros([1, n_bins, self.dim])))
        steps = (tf.transpose(decay, [1, 0, 2]), tf.transpose(tf.sqrt(variance), [1, 0, 2]), noise)
        path = tf.scan(lambda z, step: step[0] * z + step[1] * step[2], steps, tf.zeros([n, self.dim]))
        return tf.transpose(path, [1, 0, 2])

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = ("dim", "tau", "noise_std", "train_tau", "train_var", "kl_sample", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        latent, counted, links = _linked(latent, counted)
        terms = self._expected_terms if self.kl_sample == "analytic" else self._sampled_terms
        return sum_over_bins(terms(latent, *self._transition(links)), counted)

    def _kl_per_latent(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        latent, counted, links = _linked(latent, counted)
        decay, variance = self._transition(links)
        cross = self._expected_surprise(latent, tf.square(latent.scale), decay, variance)
        return sum_over_bins(cross - tf.math.log(latent.scale), counted)

    def _log_ratio(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        latent, counted, links = _linked(latent, counted)
        return sum_over_bins(self._terms_at(latent.sample, latent, *self._transition(links)), counted)

    def _expected_terms(self, latent: Latent, decay: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
        spread = marginal_variance(latent.loc, latent.scale)
        cross = tf.reduce_sum(self._expected_surprise(latent, spread, decay, variance), axis=-1)
        return cross - log_det_scale(latent.loc, latent.scale)

    def _expected_surprise(self, latent: Latent, spread: tf.Tensor, decay: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
        """Returns the expected `-log p` of each bin and latent less the entropy's constant; `spread` are variances."""
        surprise = tf.square(latent.loc - decay * _before(latent.loc)) + spread + tf.square(decay) * _before(spread)
        return 0.5 * (tf.math.log(variance) + surprise / variance - 1.0)

    def _sampled_terms(self, latent: Latent, decay: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
        z = latent.sample
        if self.kl_sample == "fresh":
            z = reparameterize(latent.loc, latent.scale, random.normal(keras.ops.shape(z), self.seed_generator))
        return self._terms_at(z, latent, decay, variance)

    def _terms_at(self, z: tf.Tensor, latent: Latent, decay: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
        prior = tfd.MultivariateNormalDiag(loc=decay * _before(z), scale_diag=tf.sqrt(variance))
        return log_density(gaussian(latent.loc, latent.scale), z) - log_density(prior, z)

    def _transition(self, links: _Links) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns `a^gap` (0 at a first bin) and the variance around it, each `(B|1, T, D)`."""
        rate = tf.exp(-tf.convert_to_tensor(self.logtaus))
        decay = tf.where(links.first, 0.0, tf.exp(-links.gap * rate))
        share = tf.where(links.first, 1.0, -tf.math.expm1(-2.0 * links.gap * rate))
        return decay, share * self._stationary_variance()

    def _stationary_variance(self) -> tf.Tensor:
        rate = tf.exp(-tf.convert_to_tensor(self.logtaus))
        return tf.exp(tf.convert_to_tensor(self.lognvars)) / -tf.math.expm1(-2.0 * rate)  # 1 - a^2 without cancellation


def _before(x: tf.Tensor) -> tf.Tensor:
    """Shifts `(B, T, D)` one bin later, with zeros in front."""
    return tf.pad(x, [[0, 0], [1, 0], [0, 0]])[:, :-1]


def _consecutive(x: tf.Tensor) -> _Links:
    bins = tf.range(tf.shape(x)[1])[None, :, None]
    return _Links(first=bins == 0, gap=tf.ones_like(bins, dtype=tf.float32))


def _linked(latent: Latent, counted: tf.Tensor | None) -> tuple[Latent, tf.Tensor | None, _Links]:
    """Returns the bins that count, one behind the other, and how they follow one another."""
    if counted is None:
        return latent, None, _consecutive(latent.loc)
    return _bring_counted_together(latent, counted)


def _bring_counted_together(latent: Latent, counted: tf.Tensor) -> tuple[Latent, tf.Tensor, _Links]:
    """Moves the counted bins of each trial to the front in their order, so that each follows the counted one before."""
    n_bins = tf.shape(counted)[1]
    bins = tf.range(n_bins)[None]
    order = tf.argsort(bins + n_bins * tf.cast(counted == 0, tf.int32), axis=1)
    latent = Latent(*(tf.gather(part, order, axis=1, batch_dims=1) for part in latent))
    position = tf.cast(order, tf.float32)
    gap = tf.maximum(position - tf.pad(position, [[0, 0], [1, 0]])[:, :-1], 1.0)  # 1 also where nothing counts
    return latent, tf.gather(counted, order, axis=1, batch_dims=1), _Links((bins == 0)[..., None], gap[..., None])


def _check_options(tau: float, noise_std: float, kl_sample: str) -> None:
    if not tau > 0:
        raise ConfigError(f"AR1Prior: `tau` must be above 0 bins, got {tau}; the usual value is 10.")
    if not noise_std > 0:
        raise ConfigError(f"AR1Prior: `noise_std` must be above 0, got {noise_std}; LFADS uses sqrt(0.1).")
    if kl_sample not in KL_SAMPLES:
        raise ConfigError(f"AR1Prior: `kl_sample` must be one of {KL_SAMPLES}, got {kl_sample!r}.")
