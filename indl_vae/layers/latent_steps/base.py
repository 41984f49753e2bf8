"""What every step of a latent dynamical system has in common."""

from __future__ import annotations

import abc
from typing import Any

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.inference import loops
from indl_vae.inference.piecewise_step import PiecewiseStep, apply_step, step_jacobian
from indl_vae.layers.latent_steps.initializers import NearIdentity, start_of
from indl_vae.numerics import derive_seed
from indl_vae.registry import Registry

#: Latent steps by name.
LATENT_STEPS = Registry("latent step")
#: Initial weights: those of the variational inference of Brenner, Hess et al. (2022), and of their teacher forcing.
STARTS = ("variational", "teacher_forcing")


class LatentStep(keras.layers.Layer, abc.ABC):
    """`F(z, s) = a * z + phi(z) W' + h + C s`: one step of a piecewise-linear recurrent network.

    Subclasses say what phi is and register themselves in `LATENT_STEPS`.

    Args:
        dim: Number of latent states M.
        input_dim: Width S of the external input, 0 without one.
        clip_range: Limit of the states' absolute values, or None.
        slope: Slope of the rectifier below 0.
        mean_centering: Whether phi sees each state less the mean over states.
        start: Initial weights, "variational" or "teacher_forcing".
        seed: Of the initial weights.

    Call arguments:
        z: `(..., M)`.
        inputs: Optional `(..., S)`: s of the step, which enters the transition to the new state.

    Returns:
        The new states `(..., M)`.

    Raises:
        ConfigError: An argument is out of range.
    """

    def __init__(
        self,
        dim: int,
        input_dim: int = 0,
        clip_range: float | None = None,
        slope: float = 0.0,
        mean_centering: bool = False,
        start: str = "variational",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["dtype"] = "float32"  # whatever the policy: orbits of chaotic systems use up digits fast
        super().__init__(**kwargs)
        _check(type(self).__name__, dim, clip_range, slope, start)
        self.dim, self.input_dim, self.slope = int(dim), int(input_dim), float(slope)
        self.clip_range = None if clip_range is None else float(clip_range)
        self.mean_centering, self.start, self.seed = bool(mean_centering), start, seed
        self._make_weights()
        if self.input_dim:
            self.input_kernel = self._weight("input_kernel", (self.input_dim, self.dim), 1.0)
        self.built = True

    def call(self, z, inputs=None):
        return apply_step(self.piecewise(), z, self.drive(inputs))

    def jacobian(self, z: Any, inputs: Any = None) -> tf.Tensor:
        """Returns the derivatives `(..., M, M)` of new states (rows) by states (columns) at `z` `(..., M)`."""
        return step_jacobian(self.piecewise(), tf.convert_to_tensor(z), self.drive(inputs))

    def drive(self, inputs: Any) -> tf.Tensor | None:
        """Returns what inputs `(..., S)` add to the new states, `(..., M)`; None without any."""
        if inputs is None or not self.input_dim:
            return None
        return loops.product(tf.convert_to_tensor(inputs), tf.convert_to_tensor(self.input_kernel))

    @abc.abstractmethod
    def piecewise(self) -> PiecewiseStep:
        """Returns the step as tensors and functions, for the loops of `indl_vae.inference`."""

    @property
    def self_weights(self) -> tf.Tensor:
        """The weights `(M,)` of each state on itself."""
        return self.piecewise().diagonal

    @property
    def cross_weights(self) -> tf.Tensor:
        """The weights `(M, P)` from the values of phi (columns) to the states (rows)."""
        return tf.transpose(self.piecewise().kernel)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments."""
        names = ("dim", "input_dim", "clip_range", "slope", "mean_centering", "start", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    @abc.abstractmethod
    def _make_weights(self) -> None:
        """Makes the weights of the step but those of inputs."""

    def _weight(self, name: str, shape: tuple[int, ...], scale: float, offset: float = 0.0) -> Any:
        """Adds a weight that starts at random: normal in the one start, uniform within `1/sqrt(M)` in the other."""
        initializer = start_of(self.start, shape, scale, offset, derive_seed(self.seed or 0, name))
        return self.add_weight(shape=shape, initializer=initializer, name=name)

    def _square(self, name: str) -> Any:
        """Adds the `(M, M)` matrix whose diagonal is `a` and whose other entries are W."""
        initializer = NearIdentity(self.start, seed=derive_seed(self.seed or 0, name))
        return self.add_weight(shape=(self.dim, self.dim), initializer=initializer, name=name)

    def _centering(self) -> tf.Tensor | None:
        """The matrix that takes the mean over states away, or None."""
        if not self.mean_centering:
            return None
        return tf.eye(self.dim) - tf.fill((self.dim, self.dim), 1.0 / self.dim)


def rectified(u: tf.Tensor, slope: float) -> tf.Tensor:
    """Returns u where above 0, and slope times u elsewhere."""
    return tf.nn.relu(u) if slope == 0.0 else tf.where(u > 0, u, slope * u)


def rectifier_slope(u: tf.Tensor, slope: float) -> tf.Tensor:
    """Returns 1 where u is above 0, and slope elsewhere."""
    return tf.where(u > 0, tf.ones_like(u), tf.fill(tf.shape(u), tf.cast(slope, u.dtype)))


def split_square(square: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the diagonal of a matrix and the transposed rest, `(M,)` and `(M, M)`."""
    square = tf.convert_to_tensor(square)
    diagonal = tf.linalg.diag_part(square)
    return diagonal, tf.transpose(tf.linalg.set_diag(square, tf.zeros_like(diagonal)))


def _check(name: str, dim: int, clip_range: float | None, slope: float, start: str) -> None:
    if int(dim) < 1:
        raise ConfigError(f"{name}: `dim` must be at least 1, got {dim}.")
    if clip_range is not None and not clip_range > 0:
        raise ConfigError(f"{name}: `clip_range` must be above 0, or None for no limit, got {clip_range}.")
    if not 0.0 <= slope < 1.0:
        raise ConfigError(f"{name}: `slope` must be in [0, 1), got {slope}.")
    if start not in STARTS:
        raise ConfigError(f"{name}: `start` must be one of {STARTS}, got {start!r}.")
