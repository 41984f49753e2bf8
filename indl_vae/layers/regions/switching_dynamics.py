"""A switching dynamical system of several regions: density of paths, draws, and steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference.scale import log_normal
from indl_vae.layers.noise_scale import NoiseScale
from indl_vae.layers.regions.discrete_transition import DiscreteTransition
from indl_vae.layers.regions.region_dynamics import RegionDynamics
from indl_vae.layers.regions.switching_start import SwitchingStart


class Potentials(NamedTuple):
    """What a chain of discrete states is to weigh, along a path of the latents, in nats.

    Attributes:
        log_start: `(B, K)`: log-probabilities of the first state.
        log_matrix: `(B, T-1, K, K)`, or `(K, K)` where it is constant: of transitions, rows the states before.
        log_density: `(B, T, K)`: log-densities of the latents of each bin, given those of the bin before.
    """

    log_start: tf.Tensor
    log_matrix: tf.Tensor
    log_density: tf.Tensor


@keras.saving.register_keras_serializable(package="indl_vae")
class SwitchingDynamics(keras.layers.Layer):
    """`z_t ~ p(z_t | z_t-1, x_t-1, u_t)`, `x_t ~ N(f_z(x_t-1, u_t), Q_z)` (Karniol-Tambour et al. 2024).

    Args:
        dynamics: The means f.
        transition: Of the discrete states.
        start: Of both, in the first bin.
        triangular: Whether Q is a full covariance.
        noise_std: Initial deviation.

    Call arguments:
        x: `(B, T, D)`: a path.
        u: Optional `(B, T, U)`: external input; that of bin t enters the transition to bin t.
        kept: What `dynamics.draw_kept` returned.

    Returns:
        The potentials of the chain of discrete states.

    Raises:
        ConfigError: The parts are not of one size.
    """

    def __init__(
        self,
        dynamics: RegionDynamics,
        transition: DiscreteTransition,
        start: SwitchingStart,
        triangular: bool = False,
        noise_std: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        restored = [
            keras.saving.deserialize_keras_object(part) if isinstance(part, dict) else part
            for part in (dynamics, transition, start)
        ]
        self.dynamics, self.transition, self.start = restored
        self.triangular, self.noise_std = bool(triangular), float(noise_std)
        self.n_states, self.dim = self.dynamics.n_states, self.dynamics.n_regions * self.dynamics.dim
        sizes = {(self.n_states, self.dim), (self.start.n_states, self.start.dim), (self.transition.n_states, self.dim)}
        if len(sizes) > 1:
            raise ConfigError(
                "SwitchingDynamics: expected parts of one size, got (states, latents) "
                f"{', '.join(map(str, sorted(sizes)))}."
            )
        self.noise = NoiseScale(self.dim, self.triangular, self.noise_std, name="process_noise")
        self.built = True

    def call(self, x, u=None, kept=None):
        before, later = x[:, :-1], None if u is None else u[:, 1:]
        means = self.dynamics.next_mean(before, later, None, kept)
        first = log_normal(x[:, :1, None] - tf.convert_to_tensor(self.start.mean), self.start.scale)
        log_density = tf.concat([first, self.log_density(x[:, 1:], means)], 1)
        log_start = tf.broadcast_to(self.start.log_probs, tf.shape(first[:, 0]))
        return Potentials(log_start, self.transition(before, later), log_density)

    def log_density(self, x: tf.Tensor, means: tf.Tensor) -> tf.Tensor:
        """Returns log N(x; means, Q) `(..., K)` of states `(..., D)` and means `(..., K, D)`."""
        return log_normal(x[..., None, :] - means, self.noise.scale)

    def compute_output_spec(self, x, u=None, kept=None):
        make = lambda *shape: keras.KerasTensor(shape, dtype="float32")  # noqa: E731
        n, length, k = x.shape[0], x.shape[1], self.n_states
        before = None if length is None else length - 1
        constant = not (self.transition.dim or self.transition.input_dim)
        return Potentials(make(n, k), make(k, k) if constant else make(n, before, k, k), make(n, length, k))

    def get_config(self) -> dict[str, Any]:
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in ("dynamics", "transition")}
        own = {"start": keras.saving.serialize_keras_object(self.start)}
        return {**super().get_config(), **parts, **own, "triangular": self.triangular, "noise_std": self.noise_std}
