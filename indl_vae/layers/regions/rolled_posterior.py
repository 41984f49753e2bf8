"""A posterior that runs with the dynamics, corrected in every bin by what an encoder adds."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference import loops
from indl_vae.inference.additive_rollout import Rollout, SwitchingStep, additive_rollout
from indl_vae.inference.fused import Fused, fused, times
from indl_vae.inference.scale import Scale, entropy, log_normal, normal_kl
from indl_vae.inference.smoothed_states import smoothed_states
from indl_vae.layers import random
from indl_vae.layers.regions.switching_dynamics import SwitchingDynamics
from indl_vae.layers.regions.system_layer import SystemLayer, sum_of_bins
from indl_vae.layers.sampling_scope import is_sampling
from indl_vae.layers.seeded import Seeded
from indl_vae.numerics import derive_seed


class RolledPath(NamedTuple):
    """A draw of the latents, and what it costs.

    Attributes:
        sample: `(B, T, D)`.
        loc: `(B, T, D)`: what the sample was drawn around, given the bin before.
        kl: `(B,)`: KL of the latents in nats, summed over bins.
        log_ratio: `(B,)`: log q - log p at the draw.
        state_probs: `(B, T, K)`: of the discrete states, given the whole draw (or those of the encoder).
    """

    sample: tf.Tensor
    loc: tf.Tensor
    kl: tf.Tensor
    log_ratio: tf.Tensor
    state_probs: tf.Tensor


#: What an encoder may do to the dynamics' predictions.
CORRECTIONS = ("additive", "gain")


@keras.saving.register_keras_serializable(package="indl_vae")
class RolledPosterior(Seeded, SystemLayer, keras.layers.Layer):
    """A posterior that goes through the dynamics' mean `f = sum_k w_k f_k(x_t-1, u_t)` and an encoder's m_t and S_t.

    "additive", as published: `q(x_t | x_t-1) = N(f + m_t, Q + S_t)`, so an encoder that says nothing (m = 0, S = 0)
    leaves the prior. "gain": proportional to `N(f, Q) N(m_t, S_t)`, which is `N(f + K_t (m_t - f), (I - K_t) Q)` with
    the gain of Kalman's filter. It may be narrower than the process noise, and a path that goes astray is brought back.

    For one discrete state the KL of a bin is that of two normals in closed form, for given weights w the expectation
    over them. Without given weights, w is p(z_t | x_0..x_t-1), kept up to date by a filter, and the sum over all
    sequences of discrete states is exact: for a given q(x) no posterior over them is tighter.

    Args:
        system: The generative model.
        correction: "additive" or "gain".
        sampled: Whether there are draws at all; False puts out the mean path always.
        seed: Of the noise.

    Call arguments:
        loc: `(B, T, D)`: m.
        scale: Factors of S: `(B, T, D)` diagonal, or `(B, T, D, D)` lower-triangular.
        u: Optional `(B, T, U)`.
        steps: Optional `(B, T)`, 1 in bins of the trial.
        state_logits: Optional `(B, T, K)`: logits of given weights.

    Returns:
        A `RolledPath`.
    """

    def __init__(
        self,
        system: SwitchingDynamics,
        correction: str = "additive",
        sampled: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(system, **kwargs)
        self.correction, self.sampled, self.seed = correction, bool(sampled), seed
        if correction not in CORRECTIONS:
            raise ConfigError(
                f"RolledPosterior: `correction` must be one of {', '.join(CORRECTIONS)}, got {correction!r}."
            )
        self.seed_generator = keras.random.SeedGenerator(derive_seed(seed or 0, "rolled"))

    def call(self, loc, scale, u=None, steps=None, state_logits=None, training=False):
        given = None if state_logits is None else tf.nn.log_softmax(state_logits)
        if given is None and self.system.n_states == 1:
            given = tf.zeros_like(loc[..., :1])
        first, later = self._corrections(loc, Scale(scale, len(scale.shape) == 4))
        factors = first.scale, later.scale
        noise = None
        if self.sampled and is_sampling(training):
            noise = random.normal(keras.ops.shape(loc), self.seed_generator, loc.dtype)
        kept = self.system.dynamics.draw_kept() if training else None
        rolled = self._roll(first, later, noise, loc, u, given, kept)
        return self._costs(rolled, loc, factors, noise, u, steps, given)

    def _corrections(self, loc, own: Scale) -> tuple[Fused, Fused]:
        """Returns what becomes of the prediction in the first bin, and in the later ones."""
        start, noise = self.system.start.scale, self.system.noise.scale
        parts = []
        for bins, prior in ((slice(0, 1), start), (slice(1, None), noise)):
            told = Scale(own.factor[:, bins], own.triangular)
            if self.correction == "gain":
                parts.append(fused(prior, loc[:, bins], told))
            else:
                parts.append(Fused(None, loc[:, bins], prior.plus(told)))
        return parts[0], parts[1]

    def _roll(self, first_bin: Fused, later: Fused, noise, loc, u, given, kept) -> Rollout:
        """Returns the whole path, the first bin included, batch first."""
        start, system = self.system.start, self.system
        shifts = [first_bin.added[:, 0], later.added]
        if noise is not None:
            shifts[0] = shifts[0] + first_bin.scale.times(noise[:, :1])[:, 0]
            shifts[1] = shifts[1] + later.scale.times(noise[:, 1:])
        first_log = tf.broadcast_to(start.log_probs, (tf.shape(loc)[0], system.n_states))
        first_log = first_log if given is None else given[:, 0]
        means = tf.convert_to_tensor(start.mean)
        share = None if first_bin.kept is None else first_bin.kept[:, 0]
        x = times(share, tf.matmul(tf.exp(first_log), means)) + shifts[0]
        log_filter = None if given is not None else tf.nn.log_softmax(start(x))
        weights = None if given is None else loops.time_major(given)[1:]
        share = None if later.kept is None else loops.time_major(later.kept)
        step = self._step(loc, u, kept)
        rolled = additive_rollout(step, x, loops.time_major(shifts[1]), log_filter, weights, share)
        first = (x, tf.broadcast_to(means, (tf.shape(x)[0], *means.shape)), first_log)
        return Rollout(
            *(loops.time_major(tf.concat([one[None], rest], 0)) for one, rest in zip(first, rolled, strict=True))
        )

    def _step(self, loc, u, kept) -> SwitchingStep:
        system, dynamics = self.system, self.system.dynamics
        drive = None if u is None else loops.time_major(u)[1:]
        shown = loops.time_major(loc)[1:] if dynamics.correction_dim else None
        at = lambda t, sequence=drive: sequence if t is None or sequence is None else sequence[t]  # noqa: E731
        return SwitchingStep(
            lambda x, t: dynamics.next_mean(x, at(t), None, kept),
            None if shown is None else lambda x, t: dynamics.next_mean(x, at(t), at(t, shown), kept),
            lambda x, t: system.transition(x, at(t)),
            system.log_density,
        )

    def _costs(self, rolled, loc, factors, noise, u, steps, given) -> RolledPath:
        x, means, log_weights = rolled
        own = _times(factors, noise) if noise is not None else tf.zeros_like(loc)
        center = x - own
        log_q = -sum_of_bins(tf.concat([entropy(factor) for factor in factors], 1), steps)
        parts = (log_normal(part, factor) for part, factor in zip((own[:, :1], own[:, 1:]), factors, strict=True))
        drawn = sum_of_bins(tf.concat(list(parts), 1), steps)
        if given is None:
            density = self._density(x, means)
            evidence = sum_of_bins(tf.reduce_logsumexp(log_weights + density, -1), steps)
            return RolledPath(x, center, log_q - evidence, drawn - evidence, self._smoothed(x, u, density, steps))
        weights = tf.exp(given)
        kl = sum_of_bins(tf.reduce_sum(weights * self._normal_kl(center, means, factors), -1), steps)
        ratio = drawn - sum_of_bins(tf.reduce_sum(weights * self._density(x, means), -1), steps)
        states = self._state_kl(x, u, given, steps)
        return RolledPath(x, center, kl + states, ratio + states, weights)

    def _smoothed(self, x, u, density, steps) -> tf.Tensor:
        matrix = self.system.transition(x[:, :-1], None if u is None else u[:, 1:])
        log_start = tf.broadcast_to(self.system.start.log_probs, tf.shape(density[:, 0]))
        return smoothed_states(log_start, matrix, density, steps)

    def _state_kl(self, x, u, given, steps) -> tf.Tensor:
        """Returns the KL of given state probabilities, one bin independent of the other, from the chain's, `(B,)`."""
        if self.system.n_states == 1:
            return tf.zeros(tf.shape(x)[0])
        matrix = self.system.transition(x[:, :-1], None if u is None else u[:, 1:])
        weights = tf.exp(given)
        ahead = tf.reduce_sum(weights[:, :-1, :, None] * matrix, -2)
        log_start = tf.broadcast_to(self.system.start.log_probs, tf.shape(given[:, :1]))
        return sum_of_bins(tf.reduce_sum(weights * (given - tf.concat([log_start, ahead], 1)), -1), steps)

    def _density(self, x, means) -> tf.Tensor:
        first = log_normal(x[:, :1, None] - means[:, :1], self.system.start.scale)
        return tf.concat([first, self.system.log_density(x[:, 1:], means[:, 1:])], 1)

    def _normal_kl(self, center, means, factors) -> tf.Tensor:
        """Returns `(B, T, K)`: KL of the bin's normal from each state's."""
        others = self.system.start.scale, self.system.noise.scale
        parts = []
        for bins, own, other in zip((slice(0, 1), slice(1, None)), factors, others, strict=True):
            wide = Scale(tf.expand_dims(own.factor, 2), own.triangular)
            parts.append(normal_kl(center[:, bins, None] - means[:, bins], wide, other))
        return tf.concat(parts, 1)

    def compute_output_spec(self, loc, scale, u=None, steps=None, state_logits=None, training=False):
        make = lambda *shape: keras.KerasTensor(shape, dtype="float32")  # noqa: E731
        n, length, dim = loc.shape
        each = make(n, length, dim), make(n, length, dim), make(n), make(n)
        return RolledPath(*each, make(n, length, self.system.n_states))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "correction": self.correction} | {
            "sampled": self.sampled,
            "seed": self.seed,
        }


def _times(factors: tuple[Scale, Scale], noise: tf.Tensor) -> tf.Tensor:
    """Returns the factors of the first and the later bins times noise `(B, T, D)`."""
    return tf.concat([factors[0].times(noise[:, :1]), factors[1].times(noise[:, 1:])], 1)
