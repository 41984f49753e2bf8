"""A dynamical system as the prior of a dynamic latent."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions.gaussian import gaussian, log_density
from indl_vae.distributions.priors.base import PRIORS, Prior, sum_over_bins
from indl_vae.errors import ConfigError
from indl_vae.inference import loops
from indl_vae.inference.forced_scan import forced_scan
from indl_vae.layers import random
from indl_vae.layers.latent_steps import LatentStep
from indl_vae.numerics import derive_seed, softplus_inverse
from indl_vae.typing import Latent

tfd = tfp.distributions

#: Added to the deviations, so that none is 0.
LEAST_STD = 1e-4


@PRIORS.register("dynamics")
@keras.saving.register_keras_serializable(package="indl_vae")
class DynamicsPrior(Prior):
    """`z_1 ~ N(mu, diag s_1^2)`, `z_t ~ N(F(z_t-1, s_t), diag s^2)` with a latent step F (Brenner, Hess et al. 2022).

    The KL is -H(q) in closed form minus log p at the posterior's sample: all bins at once, without a loop, as the
    density of a path needs no roll-out.

    Args:
        dim: Number of latent states D.
        step: F, a step of D states.
        n_rows: Number of initial means. 1: one for all trials. More: one for each training trial, as in the code
            published with the paper; a trial that is not among them starts from the distribution of all rows.
        seed: Of the initial means.
        noise_start: Initial deviation of the later states.

    Attributes:
        start: The initial means `(n_rows, D)`.
        start_std: Deviations s_1 `(D,)` of z_1.
        noise_std: Deviations s `(D,)` of the later states.

    Call arguments:
        latent: The posterior.
        counted: Optional `(B, T)`, above 0 where the bin counts.
        inputs: Optional `(B, T, S)`: external input; that of bin t enters the transition to bin t.
        sequence: Optional `(B,)`: row of each trial; below 0 for one without.
        log_ratio: Whether `log q - log p` at the sample is wanted instead of the KL.
    """

    ranks = (3,)

    def __init__(
        self,
        dim: int,
        step: LatentStep,
        n_rows: int = 1,
        seed: int | None = None,
        noise_start: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(dim, **kwargs)
        step = keras.saving.deserialize_keras_object(step) if isinstance(step, dict) else step
        if step.dim != self.dim:
            raise ConfigError(f"DynamicsPrior: `step` must be one of dim = {self.dim} states, got one of {step.dim}.")
        if int(n_rows) < 1:
            raise ConfigError(f"DynamicsPrior: `n_rows` must be at least 1, got {n_rows}.")
        if not noise_start > LEAST_STD:
            raise ConfigError(f"DynamicsPrior: `noise_start` must be above {LEAST_STD}, got {noise_start}.")
        self.step, self.n_rows, self.seed, self.noise_start = step, int(n_rows), seed, float(noise_start)
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=derive_seed(seed or 0, "start"))
        self.start = self.add_weight(shape=(self.n_rows, self.dim), initializer=normal, name="start")
        ones = keras.initializers.Constant(softplus_inverse(1.0))
        self.raw_start_std = self.add_weight(shape=(self.dim,), initializer=ones, name="raw_start_std")
        noise = keras.initializers.Constant(softplus_inverse(self.noise_start))
        self.raw_noise_std = self.add_weight(shape=(self.dim,), initializer=noise, name="raw_noise_std")

    @property
    def start_std(self) -> tf.Tensor:
        """Deviations `(D,)` of the first state."""
        return tf.nn.softplus(self.raw_start_std) + LEAST_STD

    @property
    def noise_std(self) -> tf.Tensor:
        """Deviations `(D,)` of the later states around what the step makes of those before."""
        return tf.nn.softplus(self.raw_noise_std) + LEAST_STD

    def call(self, latent, counted=None, inputs=None, sequence=None, log_ratio=False):
        def value(latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
            nlp = -self.log_prob(latent.sample, counted, inputs, sequence)
            posterior = gaussian(latent.loc, latent.scale)
            own = log_density(posterior, latent.sample) if log_ratio else -posterior.entropy()
            return nlp + sum_over_bins(own, counted)

        return self._checked(latent, counted, value)

    def log_prob(
        self, z: tf.Tensor, counted: tf.Tensor | None = None, inputs: Any = None, sequence: Any = None
    ) -> tf.Tensor:
        """Returns log p of paths `(B, T, D)` in nats, `(B,)`; the other arguments are those of the call."""
        return sum_over_bins(log_density(self._transitions(z, inputs, sequence), z), counted)

    def distribution(self, latent: Latent | None = None) -> tfd.MultivariateNormalDiag:
        """Returns the law of each bin's state given `latent.sample` of the bin before: batch `(B, T)`, event `(D,)`.

        Raises:
            ConfigError: `latent` is None; the law of a bin depends on the bin before.
        """
        if latent is None:
            raise ConfigError(
                "DynamicsPrior.distribution: `latent` must be given, as each bin's law depends on the bin before; use "
                "sample() for draws from the prior alone."
            )
        return self._transitions(tf.cast(latent.sample, tf.float32), None, None)

    def sample(self, n: int, n_bins: int | None = None, seed: int = 0, inputs: Any = None) -> tf.Tensor:
        """Returns draws `(n, n_bins, D)` with process noise, a function of `seed`; `inputs` `(n, n_bins, S)`."""
        n_bins = self._check_n_bins(n_bins)
        shape = (n_bins - 1, n, self.dim)
        first = self.sample_start(n, seed)
        noise = random.normal(shape, derive_seed(seed, "process")) * self.noise_std
        drive = self._drive(inputs)
        noise = noise if drive is None else noise + drive
        return loops.time_major(tf.concat([first[None], self._roll(first, n_bins - 1, noise)], 0))

    def sample_start(self, n: int, seed: int = 0) -> tf.Tensor:
        """Returns draws `(n, D)` of the first state of trials that are not among the rows."""
        mean, std = self._starts(None, n)
        return mean + std * random.normal((n, self.dim), derive_seed(seed, "start"))

    def roll_out(self, start: Any, n_bins: int, inputs: Any = None) -> tf.Tensor:
        """Returns the free run without process noise, `(B, n_bins, D)`: the states after each step from `start`.

        Args:
            start: `(B, D)`.
            n_bins: Number of steps.
            inputs: Optional `(B, n_bins, S)`: that of bin t enters the transition to the t-th state put out.
        """
        drive = self.step.drive(inputs)
        drive = None if drive is None else loops.time_major(drive)
        return loops.time_major(self._roll(tf.cast(start, tf.float32), n_bins, drive))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        step = keras.saving.serialize_keras_object(self.step)
        names = ("dim", "n_rows", "seed", "noise_start")
        return {**super().get_config(), "step": step, **{name: getattr(self, name) for name in names}}

    def _kl(self, latent: Latent, counted: tf.Tensor | None) -> tf.Tensor:
        return self.call(latent, counted)

    def _roll(self, start: tf.Tensor, n_bins: int, drive: tf.Tensor | None) -> tf.Tensor:
        return forced_scan(self.step.piecewise(), start, n_bins, drive)

    def _drive(self, inputs: Any) -> tf.Tensor | None:
        """What inputs of all bins add to the states from the second on, time first."""
        drive = self.step.drive(inputs)
        return None if drive is None else loops.time_major(drive)[1:]

    def _transitions(self, z: tf.Tensor, inputs: Any, sequence: Any) -> tfd.MultivariateNormalDiag:
        later = self.step(z[:, :-1], None if inputs is None else inputs[:, 1:])
        mean, std = self._starts(sequence, tf.shape(z)[0])
        loc = tf.concat([mean[:, None], later], 1)
        scale = tf.concat([std[:, None], tf.broadcast_to(self.noise_std, tf.shape(later))], 1)
        return tfd.MultivariateNormalDiag(loc, scale)

    def _starts(self, sequence: Any, n: int | tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns means and deviations `(n, D)` of the first states."""
        table, std = tf.convert_to_tensor(self.start), self.start_std
        mean = tf.repeat(tf.reduce_mean(table, 0, keepdims=True), n, 0)
        spread = tf.repeat(tf.sqrt(tf.square(std) + tf.math.reduce_variance(table, 0))[None], n, 0)
        if sequence is None or self.n_rows == 1:
            return mean, spread
        row = tf.cast(sequence, tf.int32)
        known = ((row >= 0) & (row < self.n_rows))[:, None]
        own = tf.gather(table, tf.clip_by_value(row, 0, self.n_rows - 1))
        return tf.where(known, own, mean), tf.where(known, std, spread)
