"""The read-in of several sessions: from the channels of each to inputs that all share."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from indl_vae.layers.session_weights import of_trials, stack_padded
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class SessionReadIn(keras.layers.Layer):
    """`y = x W_s + b_s` with a matrix and a bias for each session s (Pandarinath et al. 2018, multi-session LFADS).

    Args:
        channels: Number N_s of channels of each session.
        units: Width P of the common inputs.
        seed: Of the initial weights, normal with variance 1 / N_s.

    Call arguments:
        inputs: `(B, T, N)`, N the largest of the channel numbers; what is beyond a session's own is not read.
        session: `(B,)` numbers of the trials' sessions, or None for one session.

    Returns:
        `(B, T, P)`.
    """

    def __init__(self, channels: Sequence[int], units: int, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.channels, self.units, self.seed = [int(n) for n in channels], int(units), seed

    def build(self, inputs_shape, session_shape=None) -> None:
        self.kernels, self.biases = [], []
        for number, n_channels in enumerate(self.channels):
            start = keras.initializers.LecunNormal(seed=derive_seed(self.seed or 0, f"session_{number}"))
            shape = (n_channels, self.units)
            self.kernels.append(self.add_weight(shape=shape, initializer=start, name=f"kernel_{number}"))
            self.biases.append(self.add_weight(shape=(self.units,), initializer="zeros", name=f"bias_{number}"))
        super().build(inputs_shape)

    def call(self, inputs, session=None):
        kernel = of_trials(stack_padded(self.kernels, inputs.shape[-1], axis=0), session, inputs)
        bias = of_trials(stack_padded(self.biases, self.units, axis=0), session, inputs)
        return ops.matmul(inputs, ops.cast(kernel, inputs.dtype)) + ops.cast(bias, inputs.dtype)[:, None]

    def compute_output_shape(self, inputs_shape, session_shape=None):
        return (*inputs_shape[:-1], self.units)

    def get_config(self) -> dict:
        return {**super().get_config(), "channels": self.channels, "units": self.units, "seed": self.seed}
