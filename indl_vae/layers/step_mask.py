"""Which bins of which trials hold data."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class StepMask(keras.layers.Layer):
    """Reduces a mask of entries to one of bins: a bin counts up to the last one of its trial with anything observed.

    Padding lies at the end of a trial; a bin missing in its middle is still a bin of the trial, through which the
    dynamics run, so only what comes after the last observed bin is masked.

    Args:
        heldout_bins: Bins to cut off at the end (those the encoders do not see).

    Call arguments:
        observed: `(B, T, N)` or `(B, T)`, 1 where there are data; or None.

    Returns:
        `(B, T - heldout_bins)` of 0 and 1 in the compute dtype, or None when there is no mask.
    """

    def __init__(self, heldout_bins: int = 0, **kwargs) -> None:
        super().__init__(**kwargs)
        self.heldout_bins = int(heldout_bins)

    def call(self, observed=None):
        if observed is None:
            return None
        bins = ops.max(observed, axis=-1) if len(observed.shape) == 3 else observed
        steps = ops.flip(ops.cumsum(ops.flip(bins, axis=1), axis=1), axis=1)
        steps = ops.cast(steps > 0, self.compute_dtype)
        return steps[:, : -self.heldout_bins] if self.heldout_bins else steps

    def compute_output_spec(self, observed=None):
        bins = None if observed.shape[1] is None else observed.shape[1] - self.heldout_bins
        return keras.KerasTensor((observed.shape[0], bins), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "heldout_bins": self.heldout_bins}
