"""A posterior that runs with the dynamics, corrected in every bin by what an encoder adds."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from indl_vae.inference import loops
from indl_vae.inference.additive_rollout import Rollout, SwitchingStep, additive_rollout
from indl_vae.inference.scale import Scale, entropy, log_normal, normal_kl
from indl_vae.layers import random
from indl_vae.layers.regions.switching_dynamics import SwitchingDynamics
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
        state_probs: `(B, T, K)`: of the discrete states, given the latents before (or those of the encoder).
    """

    sample: tf.Tensor
    loc: tf.Tensor
    kl: tf.Tensor
    log_ratio: tf.Tensor
    state_probs: tf.Tensor


@keras.saving.register_keras_serializable(package="indl_vae")
class RolledPosterior(Seeded, keras.layers.Layer):
    """`q(x_t | x_t-1) = N(sum_k w_k f_k(x_t-1, u_t) + m_t, Q + S_t)`, m and S from an encoder.

    The prior's mean is part of the posterior's, so an encoder that says nothing (m = 0, S = 0) leaves the prior. For
    one discrete state the KL of a bin is that of two normals in closed form, for given weights w the expectation over
    them. Without given weights, w is p(z_t | x_0..x_t-1), kept up to date by a filter, and the sum over all sequences
    of discrete states is exact: for a given q(x) no posterior over them is tighter.

    Args:
        system: The generative model.
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

    def __init__(self, system: SwitchingDynamics, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.system = keras.saving.deserialize_keras_object(system) if isinstance(system, dict) else system
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(derive_seed(seed or 0, "rolled"))
        self.built = True

    def call(self, loc, scale, u=None, steps=None, state_logits=None, training=False):
        given = None if state_logits is None else tf.nn.log_softmax(state_logits)
        if given is None and self.system.n_states == 1:
            given = tf.zeros_like(loc[..., :1])
        factors = self._factors(scale, len(scale.shape) == 4)
        noise = random.normal(keras.ops.shape(loc), self.seed_generator, loc.dtype) if is_sampling(training) else None
        shifts = loc if noise is None else loc + _times(factors, noise)
        kept = self.system.dynamics.draw_kept() if training else None
        rolled = self._roll(shifts, loc, u, given, kept)
        return self._costs(rolled, loc, factors, noise, u, steps, given)

    def _roll(self, shifts, loc, u, given, kept) -> Rollout:
        """Returns the whole path, the first bin included, batch first."""
        start, system = self.system.start, self.system
        first_log = tf.broadcast_to(start.log_probs, (tf.shape(loc)[0], system.n_states))
        first_log = first_log if given is None else given[:, 0]
        means = tf.convert_to_tensor(start.mean)
        x = tf.matmul(tf.exp(first_log), means) + shifts[:, 0]
        log_filter = None if given is not None else tf.nn.log_softmax(start(x))
        later = loops.time_major(shifts)[1:]
        weights = None if given is None else loops.time_major(given)[1:]
        rolled = additive_rollout(self._step(loc, u, kept), x, later, log_filter, weights)
        first = (x, tf.broadcast_to(means, (tf.shape(x)[0], *means.shape)), first_log)
        return Rollout(
            *(loops.time_major(tf.concat([one[None], rest], 0)) for one, rest in zip(first, rolled, strict=True))
        )

    def _step(self, loc, u, kept) -> SwitchingStep:
        system, dynamics = self.system, self.system.dynamics
        drive = None if u is None else loops.Unstacked(loops.time_major(u)[1:])
        shown = loops.Unstacked(loops.time_major(loc)[1:]) if dynamics.correction_dim else None
        at = lambda t: None if drive is None else drive[t]  # noqa: E731
        return SwitchingStep(
            lambda x, t: dynamics.next_mean(x, at(t), None, kept),
            None if shown is None else lambda x, t: dynamics.next_mean(x, at(t), shown[t], kept),
            lambda x, t: system.transition(x, at(t)),
            system.log_density,
        )

    def _costs(self, rolled, loc, factors, noise, u, steps, given) -> RolledPath:
        x, means, log_weights = rolled
        own = _times(factors, noise) if noise is not None else tf.zeros_like(loc)
        center = x - own
        log_q = -_sum(tf.concat([entropy(factor) for factor in factors], 1), steps)
        parts = (log_normal(part, factor) for part, factor in zip((own[:, :1], own[:, 1:]), factors, strict=True))
        drawn = _sum(tf.concat(list(parts), 1), steps)
        if given is None:
            evidence = _sum(tf.reduce_logsumexp(log_weights + self._density(x, means), -1), steps)
            return RolledPath(x, center, log_q - evidence, drawn - evidence, tf.exp(log_weights))
        weights = tf.exp(given)
        kl = _sum(tf.reduce_sum(weights * self._normal_kl(center, means, factors), -1), steps)
        ratio = drawn - _sum(tf.reduce_sum(weights * self._density(x, means), -1), steps)
        states = self._state_kl(x, u, given, steps)
        return RolledPath(x, center, kl + states, ratio + states, weights)

    def _state_kl(self, x, u, given, steps) -> tf.Tensor:
        """Returns the KL of given state probabilities, one bin independent of the other, from the chain's, `(B,)`."""
        if self.system.n_states == 1:
            return tf.zeros(tf.shape(x)[0])
        matrix = self.system.transition(x[:, :-1], None if u is None else u[:, 1:])
        weights = tf.exp(given)
        ahead = tf.reduce_sum(weights[:, :-1, :, None] * matrix, -2)
        log_start = tf.broadcast_to(self.system.start.log_probs, tf.shape(given[:, :1]))
        return _sum(tf.reduce_sum(weights * (given - tf.concat([log_start, ahead], 1)), -1), steps)

    def _factors(self, scale, triangular) -> tuple[Scale, Scale]:
        """Returns the factors of the posterior's covariance in the first bin, and in the later ones."""
        start, noise = self.system.start.scale, self.system.noise.scale
        return start.plus(Scale(scale[:, :1], triangular)), noise.plus(Scale(scale[:, 1:], triangular))

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
        system = keras.saving.serialize_keras_object(self.system)
        return {**super().get_config(), "system": system, "seed": self.seed}


def _times(factors: tuple[Scale, Scale], noise: tf.Tensor) -> tf.Tensor:
    """Returns the factors of the first and the later bins times noise `(B, T, D)`."""
    return tf.concat([factors[0].times(noise[:, :1]), factors[1].times(noise[:, 1:])], 1)


def _sum(terms: tf.Tensor, steps: Any) -> tf.Tensor:
    """Returns sums over the bins of the trial, `(B,)`."""
    return tf.reduce_sum(terms if steps is None else tf.where(steps > 0, terms, 0.0), 1)
