"""Clipping that bounds a value and keeps its gradient."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def soft_clip(x: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Returns `x` clipped to `[low, high]`, with the gradient of the identity.

    A hard clip has no gradient outside its range: a log-rate that once left it would never come back. Here the loss
    sees the bounded value, and its slope there still moves `x`.
    """

    @tf.custom_gradient
    def clip(value: tf.Tensor) -> Any:
        return tf.clip_by_value(value, low, high), lambda upstream: upstream

    return clip(x)
