"""Which channels the encoders see where every session has channels of its own."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class SessionChannels(keras.layers.Layer):
    """Keeps what belongs to a session's seen channels; all else is 0 (False).

    Args:
        n_channels: Number N of columns, the largest number of channels of a session.
        seen: For each session the channels that the encoders see.

    Call arguments:
        values: `(B, T, N)`, of any type.
        session: `(B,)` numbers of the trials' sessions, or None for one session.
    """

    def __init__(self, n_channels: int, seen: Sequence[Sequence[int]], **kwargs) -> None:
        super().__init__(**kwargs)
        self.n_channels, self.seen = int(n_channels), [[int(c) for c in one] for one in seen]

    def call(self, values, session=None):
        table = [[channel in set(one) for channel in range(self.n_channels)] for one in self.seen]
        number = ops.zeros((ops.shape(values)[0],), "int32") if session is None else ops.cast(session, "int32")
        kept = ops.take(ops.convert_to_tensor(table, "bool"), number, axis=0)[:, None]
        return ops.where(kept, values, ops.zeros_like(values))

    def compute_output_spec(self, values, session=None):
        return keras.KerasTensor(values.shape, dtype=values.dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "n_channels": self.n_channels, "seen": self.seen}
