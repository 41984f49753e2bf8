"""What the encoders read of each bin: features made of its channels, or of the image that they are."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.builders.dense import make_dense
from indl_vae.errors import ConfigError
from indl_vae.layers import BatchToFrames, FramesToBatch
from indl_vae.numerics import derive_seed
from indl_vae.params import FeaturesGroup, narrow


def create_features(params: Any, inputs: Any) -> Any:
    """Makes features of every bin by itself: dense layers, behind strided convolutions where a bin is an image.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `feature_units`, `activation`, `image_shape`,
            `conv_filters`, `seed`.
        inputs: `(B, T, M)`; with `image_shape` (H, W, C), M = H * W * C.

    Returns:
        `(B, T, feature_units[-1])`.

    Raises:
        ConfigError: The channels are not as many as the image has pixels.
    """
    group = narrow(FeaturesGroup, params)
    hidden = inputs if group.image_shape is None else _convolved(group, group.image_shape, inputs)
    for i, units in enumerate(group.feature_units):
        hidden = make_dense(units, group.seed, f"features_{i}", activation=group.activation)(hidden)
    return hidden


def _convolved(group: FeaturesGroup, shape: tuple[int, int, int], inputs: Any) -> Any:
    check_image(shape, inputs.shape[-1])
    images = FramesToBatch(shape, name="images")(inputs)
    for i, filters in enumerate(group.conv_filters):
        images = conv(group, filters, f"image_conv_{i}", keras.layers.Conv2D, activation=group.activation)(images)
    return BatchToFrames(name="image_features")(images, inputs)


def conv(group: Any, filters: int, name: str, kind: type[keras.layers.Layer], **options: Any) -> keras.layers.Layer:
    """Returns a convolution of 4 x 4 pixels that halves (`Conv2D`) or doubles (`Conv2DTranspose`) both sides."""
    start = keras.initializers.HeNormal(seed=derive_seed(group.seed, name))
    return kind(filters, 4, strides=2, padding="same", kernel_initializer=start, name=name, **options)


def check_image(shape: tuple[int, int, int], n_channels: int) -> None:
    """Checks that a bin has as many channels as its image has values.

    Raises:
        ConfigError: It has not.
    """
    height, width, colours = shape
    if n_channels != height * width * colours:
        raise ConfigError(
            f"image_shape: expected height x width x colours to be {n_channels}, the channels of a bin, got "
            f"{height} x {width} x {colours} = {height * width * colours}. Correct it, or set it to null for data that "
            "are no images."
        )
