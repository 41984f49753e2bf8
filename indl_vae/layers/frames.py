"""Bins of a trial as images of a batch, and back."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="indl_vae")
class FramesToBatch(keras.layers.Layer):
    """Returns the bins of all trials as images: `(B, T, H * W * C)` to `(B * T, H, W, C)`.

    Args:
        image_shape: `(H, W, C)`.
    """

    def __init__(self, image_shape: Sequence[int], **kwargs) -> None:
        super().__init__(**kwargs)
        self.image_shape = tuple(int(size) for size in image_shape)

    def call(self, frames):
        return ops.reshape(frames, (-1, *self.image_shape))

    def compute_output_spec(self, frames):
        return keras.KerasTensor((None, *self.image_shape), dtype=self.compute_dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "image_shape": list(self.image_shape)}


@keras.saving.register_keras_serializable(package="indl_vae")
class BatchToFrames(keras.layers.Layer):
    """Returns what was made of the images of all bins by trial: `(B * T, ...)` to `(B, T, K)`, all the rest in a row.

    Call arguments:
        images: `(B * T, ...)`.
        like: `(B, T, ...)`; only its first two sizes are read.
    """

    def call(self, images, like):
        width = _product(images.shape[1:])
        return ops.reshape(images, (-1, ops.shape(like)[1], width))

    def compute_output_spec(self, images, like):
        return keras.KerasTensor((*like.shape[:2], _product(images.shape[1:])), dtype=self.compute_dtype)


def _product(sizes: Sequence[int]) -> int:
    width = 1
    for size in sizes:
        width *= int(size)
    return width
