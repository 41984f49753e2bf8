"""A trained system of regions that runs by itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import tensorflow as tf

from indl_vae.builders import RegionReadout
from indl_vae.inference import loops
from indl_vae.layers import SwitchingDynamics, random
from indl_vae.models.needed_input import needed_input
from indl_vae.numerics import derive_seed


class Start(NamedTuple):
    """Where a run begins.

    Attributes:
        x: `(B, D)`: latents.
        state: `(B, K)`: discrete state, one-hot.
    """

    x: tf.Tensor
    state: tf.Tensor


class RegionRun:
    """Runs the dynamics, with their noise or without, and reads the latents out.

    Args:
        system: The generative model.
        readout: The observation model.
    """

    def __init__(self, system: SwitchingDynamics, readout: RegionReadout) -> None:
        self.system, self.readout = system, readout
        self._run = tf.function(self._rolled, reduce_retracing=True, autograph=False)

    def sample_prior(
        self, n: int, n_bins: int, seed: int = 0, ext_input: Any = None, session: int = 0
    ) -> dict[str, tf.Tensor]:
        """Returns rates, factors and state_probs (one-hot) of trials drawn from the prior.

        Raises:
            ConfigError: An external input is needed.
        """
        u = self.inputs(ext_input, n_bins)
        start = self.draw_start(n, seed)
        x, states = self.roll(start, n_bins - 1, None if u is None else u[:, 1:], seed)
        x, states = tf.concat([start.x[:, None], x], 1), tf.concat([start.state[:, None], states], 1)
        return self.read(x) | {"state_probs": states}

    def draw_start(self, n: int, seed: int = 0) -> Start:
        """Returns latents and states of the first bin, drawn from their prior."""
        first, states = self.system.start, self.system.n_states
        state = tf.one_hot(_draw(tf.tile(first.log_probs[None], (n, 1)), derive_seed(seed, "state")), states)
        noise = random.normal((n, self.system.dim), derive_seed(seed, "start"))
        return Start(tf.matmul(state, tf.convert_to_tensor(first.mean)) + first.scale.times(noise), state)

    def roll(self, start: Start, n_bins: int, u: Any = None, seed: int | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns latents `(B, n_bins, D)` and states `(B, n_bins, K)`, one-hot, of the bins after a start.

        Args:
            start: Latents and states.
            n_bins: How many bins.
            u: `(B, n_bins, U)`: the input that enters the transition to each of them.
            seed: Of noise and states; None for no noise, and the most probable state each time.
        """
        if n_bins < 1:
            return start.x[:, None][:, :0], start.state[:, None][:, :0]
        drawn = tf.constant(seed is not None)
        return self._run(*start, tf.constant(n_bins), u, drawn, tf.constant((seed or 0) & 0xFFFFFFFF, tf.uint32))

    def read(self, x: Any) -> dict[str, tf.Tensor]:
        """Returns rates (expected values) `(B, T, N)` and factors `(B, T, D)` of latents."""
        return {"rates": self.readout.likelihood.mean(self.readout(x)), "factors": x}

    def inputs(self, ext_input: Any, n_bins: int) -> tf.Tensor | None:
        """Returns the external input as a tensor; None for a model without.

        Raises:
            ConfigError: It is needed and not given.
        """
        width = max(self.system.dynamics.input_dim, self.system.transition.input_dim)
        return needed_input(ext_input, n_bins, width)

    def _rolled(self, x, state, n_bins, u, drawn, seed):
        drive = None if u is None else loops.Unstacked(loops.time_major(u))
        system = self.system
        amount = tf.cast(drawn, x.dtype)

        def body(t, carried):
            x, state = carried
            given = None if drive is None else drive[t]
            key = random.fold(seed, t)
            logits = _row(system.transition(x, given), state)
            gumbel = _gumbel(state, random.fold(key, 1))
            state = tf.one_hot(tf.argmax(logits + amount * gumbel, -1), system.n_states, dtype=x.dtype)
            mean = tf.reduce_sum(state[..., None] * system.dynamics.next_mean(x, given), -2)
            noise = random.normal(tf.unstack(tf.shape(x)), random.fold(key, 2))
            x = mean + amount * system.noise.scale.times(noise)
            return (x, state), (x, state)

        xs, states = loops.scan(body, (x, state), n_bins, 2)[:2]
        return loops.time_major(xs), loops.time_major(states)


def _row(log_matrix: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
    """Returns the log-probabilities `(B, K)` of the state after a one-hot one."""
    return tf.reduce_sum(state[..., None] * log_matrix, -2)


def _draw(logits: tf.Tensor, seed: int) -> tf.Tensor:
    """Returns a draw `(B,)` from each row of logits `(B, K)`."""
    return tf.argmax(logits + _gumbel(logits, seed), -1)


def _gumbel(like: tf.Tensor, source: Any) -> tf.Tensor:
    """Returns standard Gumbel noise: the largest logit with it added is a draw."""
    return -tf.math.log(-tf.math.log(random.uniform(tf.unstack(tf.shape(like)), source) + 1e-9))
