"""The first bins of a mask."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="indl_vae")
class SliceBins(keras.layers.Layer):
    """Returns the first `bins` bins of a step mask `(B, T)`; None stays None.

    Args:
        bins: Number of bins kept.
    """

    def __init__(self, bins: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.bins = int(bins)

    def call(self, steps=None):
        return None if steps is None else steps[:, : self.bins]

    def compute_output_spec(self, steps=None):
        return keras.KerasTensor((steps.shape[0], self.bins), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "bins": self.bins}
