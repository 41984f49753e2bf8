"""From the latents of a bin to the distribution of its data, bin by bin or through a recurrent generator."""

from __future__ import annotations

from indl_vae.params.field import When, param
from indl_vae.params.groups.features import ImageGroup
from indl_vae.params.widths import Widths


class DecoderGroup(ImageGroup):
    """Parameters of the decoder."""

    decoder: str = param(
        "mlp",
        "Kind of the decoder: dense layers for every bin by itself, or a recurrent generator (gen_cell_type). With "
        "image_shape, transposed convolutions follow.",
        choices=("mlp", "rnn"),
    )
    decoder_units: Widths = param(
        (64,),
        "Widths of the decoder's dense layers; the last are the factors.",
        ge=1,
        search=(32, 64, 128, 256),
        tune=True,
        when=When("decoder", ("mlp",), absent=True),
    )
