"""The parameters of FHVAE."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from indl_vae.families.fhvae.presets import PRESETS, VARIANTS
from indl_vae.params import Params, param
from indl_vae.params.groups import (
    DecoderGroup,
    FEncoderGroup,
    FPosteriorGroup,
    GeneratorCellGroup,
    InputsGroup,
    OptimizerGroup,
    OutputGroup,
    RampGroup,
    RunGroup,
    SegmentsGroup,
    SequenceMeansGroup,
    SessionsGroup,
    TermsGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
)
from indl_vae.params.translate import is_complex

ALIASES: dict[str, dict[str, Any]] = {f"fhvae_{variant}": {"variant": variant} for variant in VARIANTS}

DEFAULTS: dict[str, Any] = {
    "family": "fhvae",
    "n_epochs": 200,
    "batch_size": 256,
    "learning_rate": 2e-3,
    "patience": 30,
    "f_rnn_type": "LSTM",
    "f_units": (64, 64),
    "f_states": "all_layers",
    "f_latent_size": 16,
    "q_f_init_std": 0.5,
    "z1_rnn_type": "LSTM",
    "z2_rnn_type": "LSTM",
    "z1_units": 64,
    "z2_units": 64,
    "z_latent_size": 16,
    "q_z_init_std": 0.5,
    "gen_cell_type": "LSTM",
    "decoder_units": (64, 64),
    "activation": "relu",
    "dropout_rate": 0.0,
    "coordinated_dropout_rate": 0.0,
    "kl_ramp_length": 5,
}
#: What is set to something only where the family has nothing that it could act on.
_WITHOUT_EFFECT: dict[str, Any] = {
    "f_enc_input_samps": 0,
    "heldout_bins": 0,
    "z1_lag": 0,
    "image_shape": None,
    "decoder": "mlp",
    "l2_con_scale": 0.0,
    "l2_gen_scale": 0.0,
    "co_mean_corr_scale": 0.0,
}


class FHVAEGroup(Params):
    """The kind of network."""

    variant: str = param(
        "lstm",
        "Encoders and decoder: 'lstm' for recurrent ones, 'simple' for dense layers that read and make whole segments.",
        choices=tuple(VARIANTS),
    )


class FHVAEParams(
    RunGroup,
    FHVAEGroup,
    OptimizerGroup,
    RampGroup,
    TermsGroup,
    InputsGroup,
    SessionsGroup,
    SegmentsGroup,
    SequenceMeansGroup,
    FEncoderGroup,
    FPosteriorGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    DecoderGroup,
    GeneratorCellGroup,
    OutputGroup,
    defaults=DEFAULTS,
):
    """What can be set of FHVAE; see the groups for the fields.

    In the names of the papers f is z2, the latent of the sequence, and z is z1, that of the segment.

    Presets: "default", and "published", which repeats the settings of the published program.

    Reference: Hsu, Zhang & Glass, "Unsupervised learning of disentangled and interpretable representations from
    sequential data", NIPS 2017; Hsu & Glass, "Scalable factorized hierarchical variational autoencoder training",
    Interspeech 2018.
    """

    presets: ClassVar = PRESETS

    @model_validator(mode="before")
    @classmethod
    def _settings_of_the_variant(cls, values: Any) -> Any:
        variant = str(values.get("variant", "lstm")).casefold()
        return {**VARIANTS.get(variant, {}), **values}

    @model_validator(mode="after")
    def _both_latents(self) -> Self:
        for name in ("z_latent_size", "z1_units"):
            if getattr(self, name) == 0:
                raise ValueError(
                    f"{name}: expected at least 1, got 0; the model has a latent of the sequence and another of the "
                    "segment."
                )
        if self.variant == "lstm" and not self.z1_rnn_type:
            raise ValueError(
                "z1_rnn_type: expected a recurrent layer with variant = 'lstm', got ''. Name one, or set variant = "
                "'simple'."
            )
        return self

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> Self:
        for name, value in _WITHOUT_EFFECT.items():
            if getattr(self, name) != value:
                raise ValueError(
                    f"{name}: expected {value!r}, got {getattr(self, name)!r}; segments of a sequence have "
                    "nothing that it could act on. Leave it out."
                )
        if is_complex(self.gen_cell_type):
            raise ValueError(
                f"gen_cell_type: expected a recurrent layer, got {self.gen_cell_type!r}, which is LFADS's. Choose "
                "another, or family = 'lfads'."
            )
        return self


PARAMS = FHVAEParams
