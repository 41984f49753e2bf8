"""What the encoders read of each bin: features of its channels, or of an image."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.field import param
from indl_vae.params.groups.shared import SeedGroup
from indl_vae.params.widths import Widths

ACTIVATIONS = ("leaky_relu", "relu", "elu", "tanh")


class ImageGroup(SeedGroup):
    """Parameters of data whose channels are the pixels of an image."""

    image_shape: tuple[int, int, int] | None = param(
        None,
        "Height, width and colours of the image that the channels of a bin are, row by row; null for channels that are "
        "no image.",
    )
    conv_filters: Widths = param(
        (32, 32, 64, 64),
        "Filters of the convolutions that read an image, each of which halves height and width; the decoder runs "
        "through them backwards.",
        ge=1,
    )
    activation: str = param(
        "leaky_relu", "Activation of the layers that read features and decode.", choices=ACTIVATIONS
    )

    @model_validator(mode="after")
    def _image_can_be_halved(self) -> Self:
        times = 2 ** len(self.conv_filters)
        if self.image_shape and (min(self.image_shape) < 1 or any(side % times for side in self.image_shape[:2])):
            raise ValueError(
                f"image_shape: expected height and width that can be divided by {times}, for the "
                f"{len(self.conv_filters)} halvings of conv_filters, got {list(self.image_shape)}. Pad the images or "
                "shorten conv_filters."
            )
        return self


class FeaturesGroup(ImageGroup):
    """Parameters of the features of a bin."""

    feature_units: Widths = param(
        (64,),
        "Widths of the dense layers that make features of every bin by itself; behind the convolutions for images.",
        ge=1,
        search=(32, 64, 128, 256),
        tune=True,
    )
