"""The observation model of several regions."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.activations import Activations, for_layers
from indl_vae.params.field import Alias, param
from indl_vae.params.groups.output import OutputGroup
from indl_vae.params.groups.regions import RegionSizesGroup
from indl_vae.params.widths import Stack

_LINKS = ("auto", "none", "exp", "softplus")


def link_of(value: object) -> str:
    """Returns our name of a final activation."""
    name = "none" if value is None else str(value).casefold()
    return {"linear": "none", "null": "none", "exponential": "exp"}.get(name, name)


class RegionEmissionGroup(OutputGroup, RegionSizesGroup):
    """Parameters of y_t | x_t: each region's channels from its own latents alone."""

    emission_units: Stack = param(
        (),
        "Widths of the hidden layers from a region's latents to its channels.",
        aliases=("emissions_layers",),
    )
    emission_activations: Activations = param(
        ("relu",),
        "Activations of these layers, one for all or one for each.",
        aliases=("emissions_activations",),
    )
    emission_link: str = param(
        "auto",
        "What makes a mean or rate of the last layer's outputs: nothing ('none'), 'exp' or 'softplus'; 'auto' is "
        "'none' for real values and 'exp' for counts.",
        choices=_LINKS,
        aliases=(Alias("emissions_final_activation", link_of),),
    )

    @model_validator(mode="after")
    def _link_fits(self) -> Self:
        if self.likelihood == "poisson" and self.emission_link == "none":
            raise ValueError(
                "emission_link: expected 'exp' or 'softplus' with likelihood = 'poisson', got 'none'; rates cannot be "
                "below 0. Set one of them."
            )
        if self.likelihood not in ("poisson", "gaussian") and self.emission_link != "auto":
            raise ValueError(
                f"emission_link: expected 'auto' with likelihood = {self.likelihood!r}, got {self.emission_link!r}. "
                "Leave it out."
            )
        try:
            for_layers(self.emission_activations, len(self.emission_units))
        except ValueError as error:
            if self.emission_units:
                raise ValueError(f"emission_activations: {error}.") from error
        return self
