"""A training batch as the augmentation leaves it: encoders and loss see the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from indl_vae.layers import SpikeJitter, TemporalShift

#: What goes with each entry of the data, and is shifted along with it.
_OF_ENTRIES = ("x", "mask", "visible", "truth")


def augmented(batch: dict[str, Any], transforms: Sequence[keras.layers.Layer]) -> dict[str, Any]:
    """Returns the batch with spikes jittered and channels shifted.

    Masks and truth go along with a shift. Spikes are jittered among entries that are observed and visible.

    Args:
        batch: Dict of Batch keys, as `as_batch` makes it.
        transforms: Of `create_augmentation`.
    """
    for transform in transforms:
        if isinstance(transform, TemporalShift):
            keys = [key for key in _OF_ENTRIES if key in batch]
            batch = batch | dict(zip(keys, transform([batch[key] for key in keys], training=True), strict=True))
        elif isinstance(transform, SpikeJitter):
            batch = batch | {"x": transform(batch["x"], _movable(batch), training=True)}
    return batch


def _movable(batch: dict[str, Any]) -> tf.Tensor | None:
    masks = [batch[key] for key in ("mask", "visible") if key in batch]
    return masks[0] * masks[-1] if masks else None
