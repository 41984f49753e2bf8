"""The lag between what the encoder read and what the controller is told."""

from __future__ import annotations

import keras
from keras import ops

from indl_vae.errors import ConfigError


@keras.saving.register_keras_serializable(package="indl_vae")
class TimeLag(keras.layers.Layer):
    """Delays the forward codes and advances the backward codes by `lag` bins; zeros where there is nothing.

    With lag 1 (LFADS) the code at bin t tells of the bins before t and after t, never of bin t itself.

    Args:
        lag: Number of bins, >= 0.
        bidirectional: Whether the inputs are forward and backward codes side by side, `(B, T, 2H)`.
        extra_bins: Bins of zeros appended at the end (those to be predicted forward).
        merge: "concat" keeps both directions side by side, "sum" adds them.

    Call arguments:
        codes: `(B, T, 2H)` or `(B, T, H)`.
        step_mask: Optional `(B, T)`; codes of padded bins count as nothing, as if the trial ended before them.

    Returns:
        `(B, T + extra_bins, 2H or H)`.
    """

    def __init__(
        self, lag: int = 0, bidirectional: bool = True, extra_bins: int = 0, merge: str = "concat", **kwargs
    ) -> None:
        super().__init__(**kwargs)
        if int(lag) < 0:
            raise ConfigError(f"lag of TimeLag: expected an integer >= 0, got {lag!r}.")
        if merge not in ("concat", "sum"):
            raise ConfigError(f"merge of TimeLag: expected 'concat' or 'sum', got {merge!r}.")
        self.supports_masking = True  # takes codes of masked layers, and ends the mask: see compute_mask
        self.lag, self.bidirectional, self.extra_bins, self.merge = int(lag), bidirectional, int(extra_bins), merge

    def call(self, codes, step_mask=None):
        if step_mask is not None:
            codes = codes * ops.cast(step_mask, codes.dtype)[..., None]
        if not self.bidirectional:
            return self._pad_end(self._late(codes))
        forward, backward = ops.split(codes, 2, axis=-1)
        forward, backward = self._late(forward), self._early(backward)
        merged = forward + backward if self.merge == "sum" else ops.concatenate([forward, backward], axis=-1)
        return self._pad_end(merged)

    def _late(self, codes):
        return codes if not self.lag else ops.pad(codes, [[0, 0], [self.lag, 0], [0, 0]])[:, : -self.lag]

    def _early(self, codes):
        return codes if not self.lag else ops.pad(codes, [[0, 0], [0, self.lag], [0, 0]])[:, self.lag :]

    def _pad_end(self, codes):
        return ops.pad(codes, [[0, 0], [0, self.extra_bins], [0, 0]]) if self.extra_bins else codes

    def compute_mask(self, codes, previous_mask=None):
        return None

    def compute_output_spec(self, codes, step_mask=None):
        batch, bins, width = codes.shape
        bins = None if bins is None else bins + self.extra_bins
        width = width // 2 if self.bidirectional and self.merge == "sum" else width
        return keras.KerasTensor((batch, bins, width), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "lag": self.lag,
            "bidirectional": self.bidirectional,
            "extra_bins": self.extra_bins,
            "merge": self.merge,
        }
