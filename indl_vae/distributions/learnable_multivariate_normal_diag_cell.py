"""An autoregressive normal whose mean and deviation a recurrent cell predicts from the sample before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded
from indl_vae.numerics import SCALE_FLOOR, derive_seed, softplus_inverse

tfd = tfp.distributions

#: Names of recurrent cells, lower case. All GRUs apply the reset gate before the recurrent product, as LFADS does.
CELL_TYPES = ("lstm", "gru", "gruclip", "simplernn", "rnn")


@keras.saving.register_keras_serializable(package="indl_vae")
class LearnableMultivariateNormalDiagCell(Seeded, keras.layers.Layer):
    """One step of `p(z_t | z_<t) = N(m_t, diag s_t^2)` with `h_t = cell(z_(t-1), h_(t-1))` (Li & Mandt 2018).

    `m_t` and `raw_t` are dense in `h_t`; `s_t = softplus(raw_t + softplus_inverse(shift_std)) + 1e-5`. With z_0 = 0 and
    a zero state the first step has deviation `shift_std` (up to the floor) whatever the weights are.

        cell = LearnableMultivariateNormalDiagCell(3, 4, cell_type="gru")
        sample, state = cell.zero_state([S, B])
        dist, state = cell(sample, state)          # eager; dist.parameters has loc and scale_diag

    Args:
        dim: Number of latents D.
        units: Hidden units H of the cell.
        cell_type: "lstm", "gru", "gruclip" (here a plain GRU), "simplernn" or "rnn"; any case.
        shift_std: Deviation of the first step, and of every step before training up to the random weights.
        seed: Seed of the initial weights and of `sample_dynamic_prior`; None for a fresh one.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(
        self,
        dim: int,
        units: int,
        cell_type: str = "lstm",
        shift_std: float = 0.1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        _check_options(dim, units, cell_type, shift_std)
        self.dim = int(dim)
        self.units = int(units)
        self.cell_type = cell_type
        self.shift_std = float(shift_std)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.rnn_cell = _make_cell(cell_type.lower(), self.units, self.dtype_policy, seed)
        self.loc_head, self.scale_head = (
            keras.layers.Dense(
                self.dim, kernel_initializer=_initializer("GlorotUniform", seed, n), name=n, dtype=self.dtype_policy
            )
            for n in ("loc", "scale")
        )
        self.build()

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights; the constructor calls it, since all widths are known then."""
        self.rnn_cell.build((None, self.dim))
        self.loc_head.build((None, self.units))
        self.scale_head.build((None, self.units))
        self.built = True

    def zero_state(self, shape: Sequence[int]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Returns the sample before the first bin, zeros `(*shape, D)`, and the zero state, `(*shape, H)` each."""
        return tf.zeros([*shape, self.dim]), [tf.zeros([*shape, self.units]) for _ in range(self._n_states)]

    def call(self, sample: tf.Tensor, state: Sequence[tf.Tensor]) -> tuple[tfd.Distribution, list[tf.Tensor]]:
        """Returns the distribution of the next sample, batch `(...,)` and event `(D,)`, and the next state.

        Use it eagerly: a distribution cannot travel on an edge of a functional model; there `step` serves.

        Args:
            sample: The sample before, `(..., D)`.
            state: The state before, each tensor `(..., H)`.
        """
        loc, scale, state = self.step(sample, state)
        return tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale), state

    def step(self, sample: tf.Tensor, state: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        """As `call`, but returns `(loc, scale, state)`, loc and scale `(..., D)`."""
        lead = tf.shape(sample)[:-1]
        hidden, new_state = self.rnn_cell(_flatten(sample), [_flatten(part) for part in state])
        loc, scale = self.head(hidden)
        return _restore(loc, lead), _restore(scale, lead), [_restore(part, lead) for part in new_state]

    def head(self, hidden: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns `loc` and `scale`, `(..., D)` each, of hidden states `(..., H)`."""
        shift = softplus_inverse(self.shift_std)
        return self.loc_head(hidden), tf.nn.softplus(self.scale_head(hidden) + shift) + SCALE_FLOOR

    def rollout(self, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Lets the cell run on its own samples.

        Args:
            noise: Standard normal draws, `(T, ..., D)`: time first.

        Returns:
            `(sample, loc, scale)`, each the shape of `noise`.
        """
        shape = tf.shape(noise)
        noise_2d = tf.reshape(noise, [shape[0], -1, self.dim])  # keras cells take one batch axis

        def advance(carry: Any, eps: tf.Tensor) -> Any:
            sample, _, _, state = carry
            loc, scale, state = self.step(sample, state)
            return loc + scale * eps, loc, scale, state

        zeros, state = self.zero_state([tf.shape(noise_2d)[1]])
        sample, loc, scale, _ = tf.scan(advance, noise_2d, (zeros, zeros, zeros, state))
        return tuple(tf.reshape(part, shape) for part in (sample, loc, scale))

    def sample_dynamic_prior(
        self, timesteps: int, samples: int = 1, batches: int = 1, fixed: bool = False, seed: int | None = None
    ) -> tuple[tf.Tensor, tfd.MultivariateNormalDiag]:
        """Draws sequences from the prior.

        Args:
            timesteps: Number of bins T.
            samples: Number of samples S.
            batches: Number of sequences B.
            fixed: Whether all B sequences of one sample are the same draw.
            seed: Seed of this draw; None takes the next one of the layer's own generator.

        Returns:
            The samples `(S, B, T, D)`, and the conditional distribution at each bin given the bins before: batch
            `(S, B, T)`, or `(S, 1, T)` when `fixed`; event `(D,)`.
        """
        shape = (timesteps, samples, 1 if fixed else batches, self.dim)
        noise = random.normal(shape, self.seed_generator if seed is None else seed)
        sample, loc, scale = (tf.transpose(part, [1, 2, 0, 3]) for part in self.rollout(noise))
        if fixed:
            sample = tf.tile(sample, [1, batches, 1, 1])
        return sample, tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = ("dim", "units", "cell_type", "shift_std", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    @property
    def _n_states(self) -> int:
        return 2 if self.cell_type.lower() == "lstm" else 1


def _make_cell(cell_type: str, units: int, dtype: Any, seed: int | None) -> keras.layers.Layer:
    options = {
        "kernel_initializer": _initializer("GlorotUniform", seed, "kernel"),
        "recurrent_initializer": _initializer("Orthogonal", seed, "recurrent_kernel"),
        "dtype": dtype,
        "name": "cell",
    }
    if cell_type == "lstm":
        return keras.layers.LSTMCell(units, **options)
    if cell_type in ("gru", "gruclip"):
        return keras.layers.GRUCell(units, reset_after=False, **options)
    return keras.layers.SimpleRNNCell(units, **options)


def _initializer(name: str, seed: int | None, part: str) -> keras.initializers.Initializer:
    """Returns an initializer with a seed of its own, so that the same seed gives the same weights."""
    return getattr(keras.initializers, name)(seed=None if seed is None else derive_seed(seed, part))


def _flatten(tensor: tf.Tensor) -> tf.Tensor:
    return tf.reshape(tensor, [-1, tensor.shape[-1]])


def _restore(tensor: tf.Tensor, lead: tf.Tensor) -> tf.Tensor:
    return tf.reshape(tensor, tf.concat([lead, [tensor.shape[-1]]], axis=0))


def _check_options(dim: int, units: int, cell_type: str, shift_std: float) -> None:
    where = "LearnableMultivariateNormalDiagCell"
    for name, value in (("dim", dim), ("units", units)):
        if int(value) < 1:
            raise ConfigError(f"{where}: `{name}` must be at least 1, got {value}.")
    if str(cell_type).lower() not in CELL_TYPES:
        raise ConfigError(f"{where}: `cell_type` must be one of {CELL_TYPES} (any case), got {cell_type!r}.")
    if not shift_std > 0:
        raise ConfigError(f"{where}: `shift_std` must be above 0, got {shift_std}; the usual value is 0.1.")
