"""A posterior that is a normal over the whole path: what an encoder says of single bins, smoothed by the dynamics."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from indl_vae.inference import block_tridiagonal as blocks
from indl_vae.inference.forward_backward import log_evidence, state_posteriors
from indl_vae.inference.smoothed_states import smoothed_states
from indl_vae.layers import random
from indl_vae.layers.regions.rolled_posterior import RolledPath
from indl_vae.layers.regions.switching_dynamics import SwitchingDynamics
from indl_vae.layers.regions.system_layer import SystemLayer
from indl_vae.layers.sampling_scope import is_sampling
from indl_vae.layers.seeded import Seeded
from indl_vae.numerics import derive_seed


class Linear(NamedTuple):
    """The dynamics near a path: `f_k(x) = A_k x + c_k` into each later bin.

    Attributes:
        slope: `(B, T-1, K, D, D)`: A.
        offset: `(B, T-1, K, D)`: c.
    """

    slope: tf.Tensor
    offset: tf.Tensor


@keras.saving.register_keras_serializable(package="indl_vae")
class PotentialsPosterior(Seeded, SystemLayer, keras.layers.Layer):
    """`q(x)` proportional to `exp(sum_t h_t' x_t - x_t' J_t x_t / 2)` times the dynamics, a normal over paths.

    Latents and discrete states take turns (Johnson et al. 2016): given the states' probabilities the path is a normal
    with block-tridiagonal precision, of dynamics that are linearised at the path before (an iterated smoother); given
    the path the probabilities are those of a chain. Whatever the sweeps have come to, the cost is that of the very q
    that the draw is from, with the states summed out, so the bound is one. For linear dynamics with one state, and
    potentials that are those of a linear read-out, q is the exact posterior.

    Args:
        system: The generative model.
        sweeps: Number of turns.
        sampled: Whether there are draws at all; False puts out the mean path always.
        seed: Of the noise.

    Call arguments:
        potential: `(B, T, D)`: h.
        precision: `(B, T, D)`: diagonals of J, above 0.
        u: Optional `(B, T, U)`: external input.
        steps: Optional `(B, T)`, 1 in bins of the trial.

    Returns:
        A `RolledPath`; `state_probs` given the whole draw.
    """

    def __init__(
        self, system: SwitchingDynamics, sweeps: int = 3, sampled: bool = True, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(system, **kwargs)
        self.sweeps, self.sampled, self.seed = max(1, int(sweeps)), bool(sampled), seed
        self.seed_generator = keras.random.SeedGenerator(derive_seed(seed or 0, "potentials"))

    def call(self, potential, precision, u=None, steps=None, training=False):
        steps = tf.ones_like(potential[..., 0]) if steps is None else tf.cast(steps > 0, potential.dtype)
        mean = potential / (precision + 1.0)
        weights = tf.zeros_like(potential[..., :1]) + tf.fill((self.system.n_states,), 1.0 / self.system.n_states)
        for sweep in range(self.sweeps):
            linear = self._linear(tf.stop_gradient(mean), u)
            factor = self._smooth(potential, precision, linear, weights, steps)
            found = blocks.moments(factor)
            mean = found.mean
            if sweep + 1 < self.sweeps and self.system.n_states > 1:
                weights = tf.stop_gradient(self._state_probs(found, linear, u, steps))
        return self._cost(factor, mean, u, steps, training)

    def _linear(self, mean: tf.Tensor, u: Any) -> Linear:
        """Returns the dynamics near a path."""
        before = mean[:, :-1]
        dim, states = before.shape[-1], self.system.n_states
        drive = None if u is None else tf.reshape(u[:, 1:], (-1, u.shape[-1]))
        values, slope = self.system.dynamics.linearized(tf.reshape(before, (-1, dim)), drive)
        lead = tf.shape(before)[:2]
        slope = tf.reshape(slope, tf.concat([lead, [states, dim, dim]], 0))
        values = tf.reshape(values, tf.concat([lead, [states, dim]], 0))
        return Linear(slope, values - tf.linalg.matvec(slope, before[:, :, None]))

    def _smooth(self, potential, precision, linear, weights, steps) -> blocks.BlockFactor:
        """Returns the factor of q(x) given the probabilities of the states."""
        start, noise = (_inverse(scale.covariance()) for scale in (self.system.start.scale, self.system.noise.scale))
        later, there = weights[:, 1:], steps[:, 1:] * steps[:, :-1]
        weighed = later[..., None, None] * linear.slope
        pulled = tf.reduce_sum(tf.matmul(weighed, tf.matmul(noise, linear.slope), transpose_a=True), 2)
        offset = tf.linalg.matvec(noise, linear.offset)
        before = tf.reduce_sum(tf.linalg.matvec(weighed, offset, transpose_a=True), 2)
        own = tf.concat([tf.zeros_like(precision[:, :1, :, None]) + start, _spread(there, noise)], 1)
        diagonal = tf.linalg.diag(precision) + own + _after(pulled * there[..., None, None])
        lower = -tf.matmul(noise, tf.reduce_sum(weighed, 2)) * there[..., None, None]
        first = tf.linalg.matvec(start, tf.matmul(weights[:, 0], tf.convert_to_tensor(self.system.start.mean)))
        shift = tf.concat([first[:, None], tf.reduce_sum(later[..., None] * offset, 2) * there[..., None]], 1)
        right = potential + shift - _after(before * there[..., None])
        unit = tf.eye(potential.shape[-1], dtype=potential.dtype)
        counted = steps[..., None]
        return blocks.factorize(
            tf.where(counted[..., None] > 0, diagonal, unit), lower, tf.where(counted > 0, right, 0.0)
        )

    def _state_probs(self, found: blocks.Moments, linear: Linear, u: Any, steps: tf.Tensor) -> tf.Tensor:
        """Returns the probabilities of the states given q(x), by expected log-densities."""
        mean, own, cross = found
        center = tf.linalg.matvec(linear.slope, mean[:, :-1, None]) + linear.offset
        moved = tf.matmul(linear.slope, own[:, :-1, None])
        both = tf.matmul(linear.slope, cross[:, :, None], transpose_b=True)
        spread = own[:, 1:, None] + tf.matmul(moved, linear.slope, transpose_b=True)
        spread = spread - both - tf.linalg.matrix_transpose(both)
        noise = _inverse(self.system.noise.scale.covariance())
        density = self.system.log_density(mean[:, 1:], center) - 0.5 * tf.reduce_sum(noise * spread, (-2, -1))
        first = self.system.start(mean[:, 0]) - self.system.start.log_probs
        density = tf.concat([first[:, None], density], 1)
        matrix = self.system.transition(mean[:, :-1], None if u is None else u[:, 1:])
        log_start = tf.broadcast_to(self.system.start.log_probs, tf.shape(first))
        return state_posteriors(log_start, matrix, density, steps).states

    def _cost(self, factor, mean, u, steps, training) -> RolledPath:
        noise = None
        if self.sampled and is_sampling(training):
            noise = random.normal(keras.ops.shape(mean), self.seed_generator, mean.dtype) * steps[..., None]
        sample = mean if noise is None else blocks.draw(factor, noise)
        potentials = self.system(sample, u, self.system.dynamics.draw_kept() if training else None)
        chain = *potentials, steps
        log_p, size = log_evidence(*chain), tf.reduce_sum(steps, 1) * mean.shape[-1]
        log_q = blocks.log_det(factor) - 0.5 * size * math.log(2.0 * math.pi)
        squares = tf.zeros_like(log_p) if noise is None else tf.reduce_sum(tf.square(noise), (1, 2))
        kl, ratio = log_q - 0.5 * size - log_p, log_q - 0.5 * squares - log_p
        return RolledPath(sample, mean, kl, ratio, smoothed_states(*chain))

    def compute_output_spec(self, potential, precision, u=None, steps=None, training=False):
        make = lambda *shape: keras.KerasTensor(shape, dtype="float32")  # noqa: E731
        n, length, dim = potential.shape
        return RolledPath(
            make(n, length, dim), make(n, length, dim), make(n), make(n), make(n, length, self.system.n_states)
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sweeps": self.sweeps, "sampled": self.sampled, "seed": self.seed}


def _inverse(covariance: tf.Tensor) -> tf.Tensor:
    return tf.linalg.cholesky_solve(tf.linalg.cholesky(covariance), tf.eye(covariance.shape[-1]))


def _spread(there: tf.Tensor, matrix: tf.Tensor) -> tf.Tensor:
    """Returns a matrix `(D, D)` for each bin `(B, T)` that is there."""
    return there[..., None, None] * matrix


def _after(values: tf.Tensor) -> tf.Tensor:
    """Returns what later bins say of the bins before them, and nothing of the last, `(B, T, ...)`."""
    return tf.pad(values, [[0, 0], [0, 1], *[[0, 0]] * (len(values.shape) - 2)])
