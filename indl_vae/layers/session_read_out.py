"""The read-out of several sessions: from factors that all share to the channels of each."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from indl_vae.layers.session_weights import of_trials, stack_padded
from indl_vae.numerics import derive_seed


@keras.saving.register_keras_serializable(package="indl_vae")
class SessionReadOut(keras.layers.Layer):
    """`y = f W_s + b_s` with a matrix and a bias for each session s (Pandarinath et al. 2018, multi-session LFADS).

    Args:
        channels: Number N_s of channels of each session.
        per_channel: Outputs K of each channel, the parameters of its distribution.
        seed: Of the initial weights, normal with variance 1 / F.

    Call arguments:
        factors: `(B, T, F)`.
        session: `(B,)` numbers of the trials' sessions, or None for one session.

    Returns:
        `(B, T, K * N)`, N the largest of the channel numbers: in K chunks, each with the session's channels first and
        zeros after them.
    """

    def __init__(self, channels: Sequence[int], per_channel: int = 1, seed: int | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.channels, self.per_channel, self.seed = [int(n) for n in channels], int(per_channel), seed

    def build(self, factors_shape, session_shape=None) -> None:
        self.kernels, self.biases = [], []
        for number, n_channels in enumerate(self.channels):
            start = keras.initializers.LecunNormal(seed=derive_seed(self.seed or 0, f"session_{number}"))
            shape = (int(factors_shape[-1]), self.per_channel * n_channels)
            self.kernels.append(self.add_weight(shape=shape, initializer=start, name=f"kernel_{number}"))
            self.biases.append(self.add_weight(shape=shape[1:], initializer="zeros", name=f"bias_{number}"))
        super().build(factors_shape)

    def call(self, factors, session=None):
        kernel = of_trials(self._spread(self.kernels), session, factors)
        bias = of_trials(self._spread(self.biases), session, factors)
        return ops.matmul(factors, ops.cast(kernel, factors.dtype)) + ops.cast(bias, factors.dtype)[:, None]

    def _spread(self, weights):
        """Returns weights `(S, ..., K * N)` with each chunk of each session filled up to N."""
        chunked = [
            ops.reshape(ops.convert_to_tensor(weight), (*weight.shape[:-1], self.per_channel, -1)) for weight in weights
        ]
        stacked = stack_padded(chunked, max(self.channels), axis=-1)
        return ops.reshape(stacked, (*stacked.shape[:-2], self.per_channel * max(self.channels)))

    def compute_output_shape(self, factors_shape, session_shape=None):
        return (*factors_shape[:-1], self.per_channel * max(self.channels))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "channels": self.channels,
            "per_channel": self.per_channel,
            "seed": self.seed,
        }
