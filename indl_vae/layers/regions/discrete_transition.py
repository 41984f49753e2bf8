"""From one discrete state to the next, as latents and inputs have it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class DiscreteTransition(keras.layers.Layer):
    """`p(z_t = i | z_t-1 = j, x_t-1, u_t)`, by a network whose outputs are the logits of a matrix.

    Args:
        n_states: Number of discrete states K.
        dim: Width of x; 0 where transitions do not depend on it.
        input_dim: Width of u; 0 where transitions do not depend on it. With neither, or with one
            state, the matrix is constant.
        units: Width of a hidden layer, a rectifier; 0 for none.
        stickiness: Added to the logits of staying, once, as the start of trained biases.
        seed: Of the initial weights.

    Attributes:
        temperature: What logits are divided by, a variable; None for one state.

    Call arguments:
        x: `(..., dim)`: the latents before the transition; None where `dim` is 0.
        u: `(..., input_dim)`: the input of the bin that is entered; None where `input_dim` is 0.

    Returns:
        Log-probabilities `(..., K, K)`, rows the states before; `(K, K)` where the matrix is constant.

    Raises:
        ConfigError: A number is out of range.
    """

    def __init__(
        self,
        n_states: int,
        dim: int = 0,
        input_dim: int = 0,
        units: int = 0,
        stickiness: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.n_states = int(n_states)
        self.dim, self.input_dim = (int(dim), int(input_dim)) if self.n_states > 1 else (0, 0)  # nothing to be told
        self.units, self.stickiness, self.seed = int(units), float(stickiness), seed
        if self.n_states < 1 or min(int(dim), int(input_dim), self.units) < 0:
            raise ConfigError(
                f"DiscreteTransition: expected at least one state and no negative widths, got {n_states}, {dim}, "
                f"{input_dim} and {units}."
            )
        width = self.dim + self.input_dim
        self.hidden = None
        if self.units and width:
            self.hidden = self._weight("hidden", (width, self.units)), self._weight("hidden_bias", (self.units,), 0.0)
            width = self.units
        self.kernel = self._weight("kernel", (width, self.n_states**2)) if width else None
        self.bias = None
        if self.n_states > 1:
            self.bias = self.add_weight(shape=(self.n_states**2,), initializer=self._sticky, name="bias")
        self.temperature = None
        if self.n_states > 1:  # 1 but while training, when a callback may set it
            self.temperature = self.add_weight(shape=(), initializer="ones", trainable=False, name="temperature")
        self.built = True

    def call(self, x=None, u=None):
        parts = [part for part, width in ((x, self.dim), (u, self.input_dim)) if width]
        if self.bias is None:
            return tf.zeros((1, 1))
        logits = tf.convert_to_tensor(self.bias)
        if parts:
            seen = tf.concat(parts, -1)
            if self.hidden is not None:
                kernel, bias = self.hidden
                seen = tf.nn.relu(tf.matmul(seen, tf.convert_to_tensor(kernel)) + bias)
            logits = logits + tf.matmul(seen, tf.convert_to_tensor(self.kernel))
        shape = tf.concat([tf.shape(logits)[:-1], [self.n_states, self.n_states]], 0)
        matrix = tf.ensure_shape(tf.reshape(logits, shape), (*logits.shape[:-1], self.n_states, self.n_states))
        return tf.nn.log_softmax(matrix / tf.convert_to_tensor(self.temperature), -1)

    def _sticky(self, shape: tuple[int, ...], dtype: str) -> Any:
        return ops.convert_to_tensor(self.stickiness * np.eye(self.n_states).reshape(shape), dtype)

    def _weight(self, name: str, shape: tuple[int, ...], limit: float = 1.0) -> Any:
        start = keras.initializers.GlorotUniform(derive_seed(self.seed or 0, name)) if limit else "zeros"
        return self.add_weight(shape=shape, initializer=start, name=name)

    def compute_output_spec(self, x=None, u=None):
        lead = next((part.shape[:-1] for part, width in ((x, self.dim), (u, self.input_dim)) if width), ())
        return keras.KerasTensor((*lead, self.n_states, self.n_states), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        names = ("n_states", "dim", "input_dim", "units", "stickiness", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
