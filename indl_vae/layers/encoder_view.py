"""What the encoders are allowed to see of a batch."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class EncoderView(keras.layers.Layer):
    """Leaves the encoders with observed, visible entries of seen channels and bins; all else is zero or cut off.

    Missing entries are replaced, not multiplied, so that NaN or 1e9 in them reaches neither values nor gradients.

    Args:
        seen_channels: Indices of the channels the encoders see, or None for all.
        heldout_bins: Number of bins at the end that the encoders do not see (forward prediction).

    Call arguments:
        inputs: `(B, T, N)`.
        observed: Optional `(B, T, N)` or `(B, T)`; 1 where there are data.
        visible: Optional `(B, T, N)`; 0 where an entry is hidden from the encoders (sample validation). Visible
            entries are scaled up by the share of a trial's observed entries that is visible, so that the encoders'
            input keeps its mean and padding changes nothing.

    Returns:
        `(B, T - heldout_bins, len(seen_channels))`.
    """

    def __init__(self, seen_channels: list[int] | None = None, heldout_bins: int = 0, **kwargs) -> None:
        super().__init__(**kwargs)
        self.seen_channels = None if seen_channels is None else [int(c) for c in seen_channels]
        self.heldout_bins = int(heldout_bins)

    def call(self, inputs, observed=None, visible=None):
        view = inputs
        if observed is not None:
            view = ops.where(entry_mask(observed) > 0, view, ops.zeros_like(view))
        if visible is not None:
            share = _visible_share(visible, observed)
            view = ops.where(visible > 0, view / ops.maximum(share, 1e-6), ops.zeros_like(view))
        if self.heldout_bins:
            view = view[:, : -self.heldout_bins]
        return view if self.seen_channels is None else ops.take(view, self.seen_channels, axis=-1)

    def compute_output_spec(self, inputs, observed=None, visible=None):
        batch, bins, channels = inputs.shape
        bins = None if bins is None else bins - self.heldout_bins
        channels = channels if self.seen_channels is None else len(self.seen_channels)
        return keras.KerasTensor((batch, bins, channels), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "seen_channels": self.seen_channels, "heldout_bins": self.heldout_bins}


def _visible_share(visible, observed):
    """Returns the share of each trial's observed entries that is visible, `(B, 1, 1)`."""
    if observed is None:
        return ops.mean(visible, axis=(1, 2), keepdims=True)
    entries = ops.cast(ops.zeros_like(visible) + entry_mask(observed) > 0, visible.dtype)
    seen = ops.sum(visible * entries, axis=(1, 2), keepdims=True)
    return seen / ops.maximum(ops.sum(entries, axis=(1, 2), keepdims=True), 1.0)


def entry_mask(mask):
    """Returns a mask that broadcasts over `(B, T, N)` from one of `(B, T)` or `(B, T, N)`."""
    return mask[..., None] if len(mask.shape) == 2 else mask
