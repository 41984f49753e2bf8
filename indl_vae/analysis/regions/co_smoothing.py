"""Channels predicted from the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from indl_vae.data.split import Split
from indl_vae.errors import ConfigError


class CoSmoothing(NamedTuple):
    """Predictions of channels that the encoder did not see.

    Attributes:
        channels: Numbers of the channels.
        prediction: `(B, T, len(channels))`: expected values.
        r2: `(len(channels),)`: R2 of each over the observed bins of all trials, around its own mean.
        pooled_r2: R2 of all together, each around its own mean: channels that vary more count for more.
    """

    channels: np.ndarray
    prediction: np.ndarray
    r2: np.ndarray
    pooled_r2: float


def co_smoothing(
    model: Any, split: Split, channels: Sequence[int] | None = None, samples: int = 20, seed: int = 0
) -> CoSmoothing:
    """Predicts channels without showing them to the encoder.

    Args:
        model: A trained model.
        split: The trials.
        channels: The channels; those held out in training by default. Others were seen in training, and an encoder
            that never missed any of them predicts them badly; train with `channel_dropout_rate`.
        samples: Posterior samples that are averaged.
        seed: Of these.

    Raises:
        ConfigError: No channels are given and none were held out.
    """
    from indl_vae.params import resolve_heldout

    held = resolve_heldout(model.params.heldout_channels, split.n_channels)
    chosen = np.asarray(held if channels is None else channels, int)
    if not len(chosen):
        raise ConfigError(
            "channels: expected some to be predicted, got none, and the model was trained with none held out. Give "
            "channels, or train with heldout_channels."
        )
    batch = split.batch()
    hidden = np.setdiff1d(chosen, held)
    if len(hidden):
        visible = np.ones_like(split.x)
        visible[..., hidden] = 0.0
        batch["visible"] = visible
    batch["x"] = split.x.copy()
    batch["x"][..., chosen] = 0.0  # nothing of them can be seen, whatever the model does
    prediction = model.posterior(batch, samples=samples, seed=seed)["rates"][..., chosen]
    return CoSmoothing(chosen, prediction, *channel_r2(split.x[..., chosen], prediction, _mask(split, chosen)))


def channel_r2(x: Any, prediction: Any, mask: Any | None = None) -> tuple[np.ndarray, float]:
    """Returns R2 of each channel `(N,)` over all observed bins, and that of all channels together.

    Each channel varies around its own mean; what differs between channels is not counted as explained.

    Args:
        x: `(B, T, N)`.
        prediction: `(B, T, N)`.
        mask: Optional `(B, T, N)`, 1 where observed.
    """
    x, guess = np.asarray(x, np.float64), np.asarray(prediction, np.float64)
    seen = np.ones(x.shape, bool) if mask is None else np.asarray(mask) > 0
    count = np.maximum(seen.sum((0, 1)), 1)
    center = np.where(seen, x, 0.0).sum((0, 1)) / count
    total = np.where(seen, (x - center) ** 2, 0.0).sum((0, 1))
    error = np.where(seen, (x - guess) ** 2, 0.0).sum((0, 1))
    each = np.where(total > 0, 1.0 - error / np.where(total > 0, total, 1.0), np.nan)
    return each, float(1.0 - error.sum() / total.sum()) if total.sum() > 0 else float("nan")


def _mask(split: Split, channels: np.ndarray) -> np.ndarray | None:
    return None if split.mask is None else split.mask[..., channels]
