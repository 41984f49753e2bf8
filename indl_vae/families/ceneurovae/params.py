"""The parameters of CeNeuroVAE."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from indl_vae.families.ceneurovae.presets import PRESETS
from indl_vae.params.groups import (
    CyclicalBetaGroup,
    InputsGroup,
    NeuronDecoderGroup,
    NeuronEncoderGroup,
    NeuronLatentGroup,
    OptimizerGroup,
    RampGroup,
    RunGroup,
    TermsGroup,
    WormDataGroup,
    ZPosteriorGroup,
    ZPriorGroup,
)

DEFAULTS: dict[str, Any] = {
    "family": "ceneurovae",
    "likelihood": "gaussian",
    "gaussian_scale": "per_channel",
    "scale_channels": False,
    "n_epochs": 100,
    "batch_size": 8,
    "learning_rate": 4e-3,
    "kl_z_weight": 0.1,  # no bound: with 1, few latents are used
    "adam_beta2": 0.95,
    "adam_epsilon": 1e-8,
    "weight_decay": 1e-4,
    "max_grad_norm": 1.0,
    "patience": 20,
    "dropout_rate": 0.0,
    "coordinated_dropout_rate": 0.0,
    "z_latent_size": 24,
    "z_scale_transform": "logvar",
    "z_prior_process": "AR1",
    "z_prior_init_std": 0.42,  # of the noise: with a time constant of 10 bins, latents of deviation 1
    "identity_mixing": "product",
    "neuron_dropout_rate": 0.3,
    "encoder_identity": True,
    "kl_ramp_length": 30,
}


class CeNeuroVAEParams(
    RunGroup,
    OptimizerGroup,
    RampGroup,
    CyclicalBetaGroup,
    TermsGroup,
    InputsGroup,
    NeuronEncoderGroup,
    NeuronLatentGroup,
    ZPosteriorGroup,
    ZPriorGroup,
    NeuronDecoderGroup,
    WormDataGroup,
    defaults=DEFAULTS,
):
    """What can be set of CeNeuroVAE; see the groups for the fields.

    Presets: "default"; "parity", the published model as its code has it; "small", for tests.

    Reference: the model's public README and code; its data are those of Atanas, Kim et al., "Brain-wide representations
    of behavior spanning multiple timescales and states in C. elegans", Cell 186 (2023).
    """

    presets: ClassVar = PRESETS

    @model_validator(mode="after")
    def _inputs_of_neurons(self) -> Self:
        for name in ("f_enc_input_samps", "input_factors", "dropout_rate", "coordinated_dropout_rate"):
            if self[name]:
                raise ValueError(
                    f"{name}: expected 0, got {self[name]:g}; neurons are read one by one and there is no f encoder. "
                    "Set neuron_dropout_rate to hide neurons from the encoder."
                )
        if self.scale_channels:
            raise ValueError(
                "scale_channels: expected False, got True; a channel is another neuron in every animal. Scale each "
                "recording by itself when it is imported."
            )
        for name in ("z_latent_off_diag", "z_prior_off_diag"):
            if self[name]:
                raise ValueError(f"{name}: expected False, got True; divergences are told latent by latent.")
        if self.z_prior_process not in ("tiled", "AR1"):
            raise ValueError(
                f"z_prior_process: expected 'tiled' or 'AR1', got {self.z_prior_process!r}; divergences are told "
                "latent by latent."
            )
        return self


PARAMS = CeNeuroVAEParams
