"""The generator: a recurrent network from the latents to states and factors, with or without LFADS's controller."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.field import Alias, When, param
from indl_vae.params.groups.conversions import tiles_input
from indl_vae.params.groups.rnn import RNN_TYPES, RNNGroup
from indl_vae.params.groups.shared import SamplingGroup, ZInCellGroup, ZSizeGroup
from indl_vae.params.translate import COMPLEX


class GeneratorCellGroup(RNNGroup, SamplingGroup, ZSizeGroup, ZInCellGroup):
    """Parameters of what a recurrent generator is made of, and of the factors."""

    gen_cell_type: str = param(
        "GRUClip",
        "Kind of the generator; 'Complex' for LFADS's, with a controller that infers its inputs bin by bin.",
        choices=(*RNN_TYPES, COMPLEX),
        aliases=("dec_rnn_type",),
    )
    n_factors: int = param(
        10,
        "Number of factors.",
        ge=1,
        search=(5, 10, 20, 40, 100),
        tune=True,
        when=When(("decoder", "gen_cell_type", "variant"), ("rnn", COMPLEX, "simple")),
        aliases=("factors_dim", "fac_dim"),
    )


class RecurrentGeneratorGroup(GeneratorCellGroup):
    """Parameters of a recurrent generator."""

    gen_units: int = param(
        256,
        "Width of the generator.",
        ge=1,
        search=(64, 100, 128, 200, 256),
        tune=True,
        when=When("decoder", ("rnn",), absent=True),
        aliases=("gen_dim", "gen_n_hidden", "dec_rnn_units"),
    )
    gen_tile_input: bool = param(
        False,
        "Whether f is given to the generator in every bin, rather than as its initial state.",
        aliases=(Alias("zs_to_dec", tiles_input),),
    )
    ext_input_dim: int = param(0, "Number of measured external inputs; 0 to take it from the data.", ge=0)
    inject_ext_input_to_gen: bool = param(
        True, "Whether external inputs go to the generator, rather than to the encoders."
    )


class GeneratorGroup(RecurrentGeneratorGroup):
    """Parameters of LFADS's generator, with the controller inside its cell."""

    con_units: int = param(
        0,
        "Width of the controller inside a 'Complex' generator.",
        ge=0,
        search=(16, 32, 64, 128),
        tune=True,
        when=(When("gen_cell_type", (COMPLEX,)), When("z_latent_size")),
        aliases=("con_dim",),
    )
    feed_factors_to_controller: bool = param(
        True,
        "Whether the controller sees the last bin's factors, or what feedback names.",
        aliases=("do_feed_factors_to_controller",),
    )
    feedback: str = param(
        "factors",
        "What the controller sees of the last bin: its factors; its rates (expected counts, or the mean of a Gaussian "
        "likelihood), in models of one session; or nothing.",
        choices=("factors", "rates", "none"),
        aliases=("feedback_factors_or_rates",),
    )
    gen_input_weight_scale: float = param(
        1.0,
        "Factor of the initial input weights of a 'Complex' generator.",
        gt=0.0,
        aliases=("gen_cell_input_weight_scale",),
    )
    gen_recurrent_weight_scale: float = param(
        1.0,
        "Factor of the initial recurrent weights of a 'Complex' generator.",
        gt=0.0,
        aliases=("gen_cell_rec_weight_scale",),
    )
    dropout_placement: str = param(
        "published",
        "Where a 'Complex' generator applies dropout: before factors and on the controller's input as AutoLFADS and "
        "lfads-torch; as run_lfads.py, not before the factors ahead of the first bin; as lfadslite, with an own draw "
        "for the factors fed back; or in indl's further places too.",
        choices=("published", "tf1", "lite", "indl"),
    )
    unit_norm_factors: bool = param(True, "Whether the weights of each factor have norm 1.")

    @model_validator(mode="after")
    def _controller_fits_cell(self) -> Self:
        cell = self.gen_cell_type
        if self.z_in_cell != (cell == COMPLEX):
            raise ValueError(
                f"z_in_cell: expected {cell == COMPLEX} with gen_cell_type = {cell!r}, got {self.z_in_cell}. Leave "
                "z_in_cell out: it follows."
            )
        if cell != COMPLEX:
            return self
        if self.z_latent_size > 0 and self.con_units == 0:
            raise ValueError(
                f"con_units: expected more than 0 with gen_cell_type = {cell!r} and z_latent_size = "
                f"{self.z_latent_size}, got 0. Set con_units, or z_latent_size = 0 for a generator without inferred "
                "inputs."
            )
        likelihood = getattr(self, "likelihood", "poisson")
        if self.feedback == "rates" and likelihood not in ("poisson", "gaussian"):
            raise ValueError(
                f"feedback: 'rates' expects likelihood 'poisson' or 'gaussian', got {likelihood!r}. Choose one of "
                "them, or feedback = 'factors'."
            )
        if self.gen_tile_input:
            raise ValueError(
                f"gen_tile_input: expected False with gen_cell_type = {cell!r}, which starts from f, got True. "
                "Choose another cell or False."
            )
        return self
