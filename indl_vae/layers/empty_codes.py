"""Codes of no width, for decoders that take no dynamic latent."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class EmptyCodes(keras.layers.Layer):
    """Returns `(B, T + extra_bins, 0)` for a sequence `(B, T, D)`: it tells a decoder how many bins there are.

    Args:
        extra_bins: Bins appended at the end (those to be predicted forward).
    """

    def __init__(self, extra_bins: int = 0, **kwargs) -> None:
        super().__init__(**kwargs)
        self.extra_bins = int(extra_bins)

    def call(self, sequence):
        return ops.pad(sequence[..., :0], [[0, 0], [0, self.extra_bins], [0, 0]])

    def compute_output_spec(self, sequence):
        bins = None if sequence.shape[1] is None else sequence.shape[1] + self.extra_bins
        return keras.KerasTensor((sequence.shape[0], bins, 0), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "extra_bins": self.extra_bins}
