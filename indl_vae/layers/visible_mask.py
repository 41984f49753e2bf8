"""The full-size mask of what the encoders saw."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from indl_vae.errors import ConfigError


@keras.saving.register_keras_serializable(package="indl_vae")
class VisibleMask(keras.layers.Layer):
    """Spreads the kept entries of the encoders' block over the whole of the data.

    Args:
        n_channels: Number N of channels of the data.
        seen_channels: Indices of those that the encoders see, or None for all.
        head_bins: Bins before the block that were never dropped (all kept).
        heldout_bins: Bins after the block that the encoders do not see (none kept).

    Call arguments:
        kept: Boolean `(B, T - head_bins - heldout_bins, len(seen_channels))`.

    Returns:
        Boolean `(B, T, N)`: True where an encoder saw the entry.
    """

    def __init__(
        self,
        n_channels: int,
        seen_channels: list[int] | None = None,
        head_bins: int = 0,
        heldout_bins: int = 0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.n_channels = int(n_channels)
        self.seen_channels = None if seen_channels is None else [int(c) for c in seen_channels]
        self.head_bins, self.heldout_bins = int(head_bins), int(heldout_bins)
        if self.seen_channels is not None and not self.seen_channels:
            raise ConfigError("heldout_channels: expected at least one channel left for the encoders, got none.")

    def call(self, kept):
        if self.head_bins:
            kept = ops.pad(kept, [[0, 0], [self.head_bins, 0], [0, 0]], constant_values=True)
        if self.heldout_bins:
            kept = ops.pad(kept, [[0, 0], [0, self.heldout_bins], [0, 0]], constant_values=False)
        if self.seen_channels is None:
            return kept
        place = np.full(self.n_channels, len(self.seen_channels))  # held-out channels read an appended False
        place[self.seen_channels] = np.arange(len(self.seen_channels))
        kept = ops.pad(kept, [[0, 0], [0, 0], [0, 1]], constant_values=False)
        return ops.take(kept, place, axis=-1)

    def compute_output_spec(self, kept):
        bins = None if kept.shape[1] is None else kept.shape[1] + self.head_bins + self.heldout_bins
        return keras.KerasTensor((kept.shape[0], bins, self.n_channels), dtype="bool")

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "n_channels": self.n_channels,
            "seen_channels": self.seen_channels,
            "head_bins": self.head_bins,
            "heldout_bins": self.heldout_bins,
        }
