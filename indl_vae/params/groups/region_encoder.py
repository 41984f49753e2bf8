"""The encoder of several regions."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.activations import Activations, for_layers
from indl_vae.params.field import Alias, param
from indl_vae.params.groups.conversions import truth
from indl_vae.params.groups.regions import RegionSizesGroup
from indl_vae.params.groups.z_latent import ZEncoderGroup
from indl_vae.params.widths import Stack


class RegionEncoderGroup(ZEncoderGroup, RegionSizesGroup):
    """Parameters of the networks from observations to what the heads of q(x, z | y) read."""

    embedding_units: Stack = param(
        (16,),
        "Widths of the layers that embed each region's channels, bin by bin.",
        aliases=("inference_embedding_layers",),
    )
    embedding_activations: Activations = param(
        ("relu",),
        "Activations of these layers, one for all or one for each.",
        aliases=("inference_embedding_activations",),
    )
    sequence_encoder: str = param(
        "rnn",
        "What reads the embedded regions over time: the recurrent z encoder ('rnn', by default in both directions), or "
        "attention ('transformer'), or nothing ('none'): then each bin is read by itself, without embedding layers "
        "linearly.",
        choices=("rnn", "transformer", "none"),
        aliases=(Alias("inference_transformer", lambda value: "transformer" if truth(value) else "rnn"),),
    )
    n_blocks: int = param(
        1,
        "Number of blocks of attention.",
        ge=1,
        aliases=("inference_transformer_params_num_transformer_blocks",),
    )
    n_heads: int = param(4, "Heads of the attention.", ge=1, aliases=("inference_transformer_params_num_heads",))
    head_size: int = param(
        16, "Width of a head of the attention.", ge=1, aliases=("inference_transformer_params_head_size",)
    )
    block_units: int = param(
        64,
        "Width of the hidden layer of each block.",
        ge=1,
        aliases=("inference_transformer_params_ff_dim",),
    )
    positions: bool = param(True, "Whether attention can tell when a bin is; without, the order of bins means nothing.")
    block_dropout: float = param(0.1, "Dropout rate within the blocks.", ge=0.0, lt=1.0)
    mlp_units: Stack = param(
        (32,),
        "Widths of the layers between the blocks and the heads.",
        aliases=("inference_transformer_params_mlp_units",),
    )
    mlp_dropout: float = param(0.0, "Dropout rate after each of these layers.", ge=0.0, lt=1.0)

    @model_validator(mode="after")
    def _embedding_activations_fit(self) -> Self:
        try:
            for_layers(self.embedding_activations, len(self.embedding_units))
        except ValueError as error:
            if self.embedding_units:
                raise ValueError(f"embedding_activations: {error}.") from error
        return self
