"""The parameters of LFADS."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

from pydantic import model_validator

from indl_vae.families.lfads.presets import PRESETS
from indl_vae.params.groups import (
    FEncoderGroup,
    FPosteriorGroup,
    FPriorGroup,
    GeneratorGroup,
    InputsGroup,
    OptimizerGroup,
    OutputGroup,
    RampGroup,
    RunGroup,
    SessionsGroup,
    TermsGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    ZPriorGroup,
)

#: Variance of the initial state's prior, and of the noise of the inferred inputs' autoregression, in every published
#: code.
_PRIOR_VARIANCE = 0.1

DEFAULTS: dict[str, Any] = {
    "family": "lfads",
    "n_epochs": 400,
    "batch_size": 128,
    "learning_rate": 4e-3,
    "lr_rule": "valid_plateau",
    "f_rnn_type": "BidirectionalGRUClip",
    "f_units": (64,),
    "learn_initial_states": True,
    "f_latent_size": 64,
    "f_scale_transform": "logvar",
    "f_min_var": 1e-4,
    "f_prior_kappa": _PRIOR_VARIANCE,
    "f_prior_var_min": _PRIOR_VARIANCE,
    "f_prior_var_max": _PRIOR_VARIANCE,
    "f_prior_train_var": False,
    "z1_rnn_type": "BidirectionalGRUClip",
    "z1_units": 64,
    "z1_lag": 1,
    "z1_merge": "concat",
    "z2_units": 0,
    "z_in_cell": True,
    "z_latent_size": 1,
    "z_scale_transform": "logvar",
    "z_prior_process": "AR1",
    "z_prior_init_std": math.sqrt(_PRIOR_VARIANCE),
    "z_prior_tau": 10.0,
    "gen_cell_type": "Complex",
    "con_units": 64,
    "gen_units": 100,
    "n_factors": 20,
    "dropout_rate": 0.05,
    "coordinated_dropout_rate": 0.3,
    "kl_ramp_length": 80,
    "l2_ramp_length": 80,
    "kl_sample": "analytic",
}


class LFADSParams(
    RunGroup,
    OptimizerGroup,
    RampGroup,
    TermsGroup,
    InputsGroup,
    SessionsGroup,
    FEncoderGroup,
    FPosteriorGroup,
    FPriorGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    ZPriorGroup,
    GeneratorGroup,
    OutputGroup,
    defaults=DEFAULTS,
):
    """What can be set of LFADS; see the groups for the fields.

    Presets: "default", "fast", and "tf1", "lite", "autolfads_tf2", "lfads_torch", which repeat what the published
    codes do.

    Reference: Pandarinath et al., "Inferring single-trial neural population dynamics using sequential auto-encoders",
    Nature Methods 15 (2018).
    """

    presets: ClassVar = PRESETS

    @model_validator(mode="after")
    def _inputs_have_an_encoder(self) -> Self:
        if self.z_latent_size > 0 and self.z1_units == 0:
            raise ValueError(
                f"z1_units: expected more than 0 with z_latent_size = {self.z_latent_size}, got 0. Set z1_units, or "
                "z_latent_size = 0 for a model without inferred inputs."
            )
        return self


PARAMS = LFADSParams
