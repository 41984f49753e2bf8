"""What helps several regions' models while they are trained."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import Alias, When, param
from indl_vae.params.groups.shared import HeldOutGroup, SeedGroup


class RegionMaskingGroup(HeldOutGroup, SeedGroup):
    """Parameters of what is kept from the encoder while training."""

    channel_dropout_rate: float = param(
        0.0,
        "Share of whole channels hidden from the encoder in a training step, the others scaled up; all are scored.",
        ge=0.0,
        lt=1.0,
        search=(0.0, 0.5, "linear"),
        tune=True,
        when=When("channel_dropout", (True,)),
        aliases=("drop_perc",),
    )
    channel_dropout: bool = param(
        True, "Whether channels are hidden at all: false for no channel_dropout_rate.", aliases=("dropout",)
    )
    channel_dropout_trials: float = param(
        1.0,
        "Share of the trials of which channels are hidden.",
        ge=0.0,
        le=1.0,
        aliases=("dropout_trial_perc",),
    )
    window_rate: float = param(
        0.0,
        "Share of bins, in whole windows, in which the encoder is not heard while training, so that the dynamics have "
        "to carry the latents.",
        ge=0.0,
        lt=1.0,
        search=(0.0, 0.5, "linear"),
        tune=True,
    )
    window_bins: int = param(10, "Length of these windows.", unit="bins", ge=1)


class OvershootGroup(Params):
    """Parameters of predictions over several bins, scored besides the bound."""

    overshoot: int = param(
        0, "Largest number of bins ahead that are predicted and scored; 0 for none.", unit="bins", ge=0, le=50
    )
    overshoot_weight: float = param(1.0, "Weight of the predictions' score.", ge=0.0)
    overshoot_on: str = param("observations", "What is predicted.", choices=("observations", "latents", "both"))
    overshoot_weights: tuple[float, ...] = param(
        (), "Weight of each number of bins ahead, from 1; they are made to add up to 1. Empty for equal ones.", ge=0.0
    )

    @model_validator(mode="after")
    def _a_weight_for_each_horizon(self) -> Self:
        if self.overshoot_weights and len(self.overshoot_weights) != self.overshoot:
            raise ValueError(
                f"overshoot_weights: expected {self.overshoot} numbers, one for each bin ahead (overshoot), got "
                f"{len(self.overshoot_weights)}."
            )
        if self.overshoot_weights and not sum(self.overshoot_weights) > 0:
            raise ValueError("overshoot_weights: expected a sum above 0, got 0.")
        return self


class StateGuardGroup(Params):
    """Parameters that keep discrete states from being given up early in training."""

    temperature: float = param(
        1.0,
        "What the logits of the discrete states' transitions are divided by at first; above 1 no state is given up.",
        ge=1.0,
        aliases=(Alias("t_init", lambda value: max(1.0, float(value))),),
    )
    temperature_rate: float = param(
        0.99,
        "Factor of the temperature in every `temperature_steps` steps.",
        gt=0.0,
        lt=1.0,
        aliases=("annealing_rate",),
    )
    temperature_steps: int = param(10, "See temperature_rate.", unit="steps", ge=1, aliases=("annealing_steps",))
    temperature_hold: int = param(
        0, "Steps before the temperature begins to fall to 1.", unit="steps", ge=0, aliases=("annealing_kickin_steps",)
    )
    state_balance: float = param(
        0.0,
        "Weight, at first, of the cross-entropy between equal shares and the probabilities of the discrete states.",
        ge=0.0,
        aliases=("xent_init",),
    )
    state_balance_steps: int = param(
        1000, "Steps over which that weight falls to 0.", unit="steps", ge=1, aliases=("xent_steps",)
    )


class CyclicalBetaGroup(Params):
    """Parameters of a weight of the KL terms that rises and falls several times."""

    beta_peaks: int = param(
        0,
        "Times that the factor of the KL terms rises to beta_max and falls to beta_floor over the run; 0 for the ramps "
        "alone.",
        ge=0,
    )
    beta_max: float = param(1.0, "Factor at the peaks.", ge=0.0)
    beta_floor: float = param(0.0, "Factor between them.", ge=0.0)
    beta_warmup_steps: int = param(
        0, "Steps from the floor to a peak; what remains of a cycle is half a cosine back.", unit="steps", ge=0
    )


class RegionStartGroup(Params):
    """Parameters of the weights that training starts from."""

    initialisation: str = param(
        "pca",
        "Initial weights: from principal components of each region's data and, for the dynamics, from fits to the "
        "path of these components with discrete states from a switching regression; or random.",
        choices=("pca", "random"),
    )
    start_steps: int = param(
        300, "Steps of the fit of the dynamics to the path of principal components; 0 for none.", unit="steps", ge=0
    )
    message_penalty: float = param(
        0.0,
        "Weight of the sum of the lengths of all messages between regions: of dynamics that fit alike, those with the "
        "least communication.",
        ge=0.0,
        search=(0.1, 100.0, "log"),
        tune=True,
        when=When("single_region_latent", (False,)),
    )
    smooth_coef: float = param(
        0.0,
        "Weight of the sum of the absolute first, second and third differences of the latents over time.",
        ge=0.0,
    )
