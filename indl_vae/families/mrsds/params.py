"""The parameters of MR-SDS."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from indl_vae.families.mrsds.presets import PRESETS
from indl_vae.params.groups import (
    CyclicalBetaGroup,
    InputsGroup,
    OptimizerGroup,
    OvershootGroup,
    RampGroup,
    RegionDynamicsGroup,
    RegionEmissionGroup,
    RegionEncoderGroup,
    RegionMaskingGroup,
    RegionPosteriorGroup,
    RegionStartGroup,
    RunGroup,
    SecondStageGroup,
    StateGuardGroup,
    StepsGroup,
    TermsGroup,
)

DEFAULTS: dict[str, Any] = {
    "family": "mrsds",
    "likelihood": "gaussian",
    "gaussian_scale": "per_channel",
    "n_epochs": 200,
    "batch_size": 32,
    "learning_rate": 3e-3,
    "max_grad_norm": 10.0,
    "select_on": "elbo",
    "patience": 0,
    "z1_units": 32,
    "z2_units": 0,
    "dropout_rate": 0.0,
    "coordinated_dropout_rate": 0.0,
    "kl_ramp_length": 10,
}


class MRSDSParams(
    RunGroup,
    StepsGroup,
    SecondStageGroup,
    RegionPosteriorGroup,
    RegionStartGroup,
    RegionMaskingGroup,
    StateGuardGroup,
    OvershootGroup,
    CyclicalBetaGroup,
    OptimizerGroup,
    RampGroup,
    TermsGroup,
    InputsGroup,
    RegionDynamicsGroup,
    RegionEncoderGroup,
    RegionEmissionGroup,
    defaults=DEFAULTS,
):
    """What can be set of MR-SDS; see the groups for the fields.

    Presets: "default"; "toy", "toy_meanfield" and "large", the sizes of the published configurations;
    "reference_compat", the published model as far as its numbers tell it.

    Reference: Karniol-Tambour, Zoltowski, Diamanti, Pinto, Brody, Tank & Pillow, "Modeling state-dependent
    communication between brain regions with switching nonlinear dynamical systems", ICLR 2024.
    """

    presets: ClassVar = PRESETS

    @model_validator(mode="after")
    def _regions_stay_apart(self) -> Self:
        if self.input_factors:
            raise ValueError(
                f"input_factors: expected 0, got {self.input_factors}; a read-in would mix the channels of regions. "
                "Set embedding_units, which each region has for itself."
            )
        if self.f_enc_input_samps:
            raise ValueError(f"f_enc_input_samps: expected 0, got {self.f_enc_input_samps}; there is no f encoder.")
        return self

    @model_validator(mode="after")
    def _bounds_to_select_on(self) -> Self:
        if self.select_on == "elbo" and self.emission_on == "one_step":
            raise ValueError(
                "select_on: 'elbo' expects emission_on = 'sample', got 'one_step', with which the loss is no bound. "
                "Set select_on = 'loss'."
            )
        return self

    @model_validator(mode="after")
    def _several_states(self) -> Self:
        if self.state_balance and self.n_states == 1:
            raise ValueError(
                f"state_balance: expected 0 with n_states = 1, got {self.state_balance:g}; one state has nothing to be "
                "balanced with. Set n_states, or leave it out."
            )
        return self


PARAMS = MRSDSParams
