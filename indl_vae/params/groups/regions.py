"""Regions, their latents, and the dynamics between them."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.activations import Activations, for_layers
from indl_vae.params.base import Params
from indl_vae.params.field import Alias, When, param
from indl_vae.params.groups.shared import SeedGroup
from indl_vae.params.widths import Stack


class RegionSizesGroup(Params):
    """Parameters of the regions."""

    region_sizes: Stack = param(
        (), "Channels of each region, in the order of the data; empty to take them from the data file (region_sizes)."
    )
    region_latents: int = param(
        2,
        "Latents of each region.",
        ge=1,
        search=(1, 2, 3, 4, 6, 8),
        tune=True,
        aliases=("d", "latents_per_region"),
    )
    n_states: int = param(
        1,
        "Number of discrete states; 1 for none.",
        ge=1,
        search=(1, 2, 3, 4),
        tune=True,
        when=When("inference", ("s_svae", "mean_field", "slds")),
        aliases=("k",),
    )
    single_region_latent: bool = param(
        False,
        "Whether the latents of all regions are one system, without messages; every region is read out from its part.",
        aliases=("xtransition_dynamics_single_region_latent",),
    )


class RegionDynamicsGroup(SeedGroup, RegionSizesGroup):
    """Parameters of x_t ~ N(f_z(x_t-1, u_t), Q) and z_t ~ p(z_t | z_t-1, x_t-1, u_t)."""

    communication: str = param(
        "additive",
        "How regions reach one another: sums of networks of the sender alone ('additive'), which are linear "
        "('additive-linear') or rectified throughout ('additive-nonlinear') between different regions; or networks "
        "whose layers see the receiver too ('conditional').",
        choices=("additive", "additive-linear", "additive-nonlinear", "conditional"),
        aliases=("xtransition_dynamics_communication_type", "communication_type"),
    )
    dynamics_units: Stack = param(
        (32, 32),
        "Widths of the hidden layers of the networks between regions.",
        aliases=("xtransition_dynamics_layers",),
    )
    dynamics_activations: Activations = param(
        ("relu",),
        "Activations of these layers, one for all or one for each; one more is that of the outputs.",
        aliases=("xtransition_dynamics_activations",),
    )
    dynamics_dropout: float = param(
        0.0,
        "Share of hidden units of these networks that are left out while training.",
        ge=0.0,
        lt=1.0,
        aliases=(Alias("xdropout", lambda value: 0.2 if value else 0.0),),
    )
    residual: bool = param(False, "Whether the networks change a region's latents rather than giving the next ones.")
    state_as_input: bool = param(
        False,
        "Whether one set of networks sees the discrete state, instead of one set for each state.",
        aliases=("xtransition_zcond", "zcond"),
    )
    inputs_to_latents: bool = param(True, "Whether external input drives the latents.", aliases=("ux",))
    input_networks: str = param(
        "separate",
        "Whether each external input has a network of its own, or all have one together.",
        choices=("separate", "together"),
        aliases=(
            Alias(
                "xtransition_dynamics_input_func_type",
                lambda value: {"seperate": "separate"}.get(str(value).lower(), value),
            ),
        ),
    )
    input_units: Stack = param(
        (),
        "Widths of the hidden layers of the networks of external input.",
        aliases=("xtransition_inputs_layers",),
    )
    input_activations: Activations = param(
        (None,),
        "Activations of these layers, as dynamics_activations.",
        aliases=("xtransition_inputs_activations",),
    )
    conditional_inputs: bool = param(
        False,
        "Whether the networks of external input see the receiving region.",
        aliases=(Alias("xtransition_dynamics_input_type", lambda value: str(value).lower() == "conditional"),),
    )
    correction_inputs: bool = param(
        False, "Whether the networks between regions see the encoder's correction of the sender (svae, s_svae)."
    )
    latents_to_states: bool = param(
        True, "Whether transitions of the discrete states see the latents.", aliases=("xz",)
    )
    inputs_to_states: bool = param(
        False, "Whether transitions of the discrete states see external input.", aliases=("uz",)
    )
    transition_units: int = param(
        0,
        "Width of a hidden layer of the transitions; 0 for none.",
        ge=0,
        search=(0, 8, 16),
        tune=True,
        when=When("n_states", above=1),
    )
    stickiness: float = param(
        2.0,
        "What the logit of staying in a discrete state begins with.",
        ge=0.0,
        search=(0.0, 4.0, "linear"),
        tune=True,
        when=When("n_states", above=1),
    )
    process_noise: float = param(
        0.1, "Initial deviation of the latents' noise.", gt=1e-4, search=(0.02, 0.5, "log"), tune=True
    )
    start_std: float = param(0.5, "Initial deviation of the latents of the first bin.", gt=1e-4)
    full_process_noise: bool = param(
        False,
        "Whether the noise of the latents covaries; it then couples regions.",
        aliases=("xtransition_triangular_cov",),
    )
    full_start_noise: bool = param(
        False, "Whether the latents of the first bin covary.", aliases=("xic_triangular_cov",)
    )

    @model_validator(mode="after")
    def _activations_fit(self) -> Self:
        for units, name in (("dynamics_units", "dynamics_activations"), ("input_units", "input_activations")):
            stack_of(getattr(self, units), getattr(self, name), name)
        return self

    @model_validator(mode="after")
    def _transitions_see_something(self) -> Self:
        if self.single_region_latent and self.communication != "additive":
            raise ValueError(
                f"communication: expected 'additive' with single_region_latent, got {self.communication!r}; there are "
                "no regions that could communicate. Leave it out."
            )
        return self


def stack_of(
    units: tuple[int, ...], activations: tuple[str | None, ...], name: str
) -> tuple[tuple[str | None, ...], str | None]:
    """Returns the activations of hidden layers, and that of the outputs, which comes last where it is given.

    Raises:
        ValueError: Their number fits neither.
    """
    if len(activations) == len(units) + 1 and (len(activations) > 1 or not units):
        return activations[:-1], activations[-1]
    if not units and len(activations) == 1:
        return (), activations[0]
    try:
        return for_layers(activations, len(units)), None
    except ValueError as error:
        raise ValueError(f"{name}: {error}, and possibly one more for the outputs.") from error
