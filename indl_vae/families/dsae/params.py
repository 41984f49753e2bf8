"""The parameters of DSAE."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from indl_vae.families.dsae.presets import PRESETS, VARIANTS
from indl_vae.params import Params, param
from indl_vae.params.groups import (
    DecoderGroup,
    FeaturesGroup,
    FEncoderGroup,
    FPosteriorGroup,
    FPriorGroup,
    InputsGroup,
    OptimizerGroup,
    OutputGroup,
    RampGroup,
    RecurrentGeneratorGroup,
    RunGroup,
    SessionsGroup,
    TermsGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    ZPriorGroup,
)
from indl_vae.params.translate import is_complex

ALIASES: dict[str, dict[str, Any]] = {f"dsae_{variant}": {"variant": variant} for variant in VARIANTS}

DEFAULTS: dict[str, Any] = {
    "family": "dsae",
    "n_epochs": 200,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "lr_rule": "valid_plateau",
    "patience": 50,
    "feature_units": (64,),
    "f_rnn_type": "BidirectionalLSTM",
    "f_units": (64,),
    "f_merge": "sum",
    "f_latent_size": 16,
    "f_prior_train_mean": False,
    "f_prior_train_var": False,
    "z1_rnn_type": "BidirectionalLSTM",
    "z1_units": 64,
    "z1_merge": "sum",
    "z2_rnn_type": "SimpleRNN",
    "z2_units": 64,
    "z_latent_size": 4,
    "z_prior_process": "LSTM",
    "z_prior_units": 64,
    "decoder_units": (64,),
    "gen_units": 64,
    "dropout_rate": 0.0,
    "coordinated_dropout_rate": 0.0,
    "kl_ramp_length": 10,
}


class DSAEGroup(Params):
    """The kind of inference."""

    variant: str = param(
        "full",
        "What q(z_t) reads: 'full' the whole trial and f, by two recurrent layers; 'factorized' the bin x_t alone.",
        choices=tuple(VARIANTS),
    )


class DSAEParams(
    RunGroup,
    DSAEGroup,
    OptimizerGroup,
    RampGroup,
    TermsGroup,
    InputsGroup,
    SessionsGroup,
    FeaturesGroup,
    FEncoderGroup,
    FPosteriorGroup,
    FPriorGroup,
    ZEncoderGroup,
    ZPosteriorGroup,
    ZPriorGroup,
    DecoderGroup,
    RecurrentGeneratorGroup,
    OutputGroup,
    defaults=DEFAULTS,
):
    """What can be set of DSAE; see the groups for the fields.

    Presets: "default", and "tfp" and "tfp_full", which repeat the settings of TensorFlow Probability's example for
    images, with its factorized posterior, which it takes as it comes, and with its full one.

    Reference: Li & Mandt, "Disentangled sequential autoencoder", ICML 2018.
    """

    presets: ClassVar = PRESETS

    @model_validator(mode="before")
    @classmethod
    def _settings_of_the_variant(cls, values: Any) -> Any:
        variant = str(values.get("variant", "full")).casefold()
        return {**VARIANTS.get(variant, {}), **values}

    @model_validator(mode="after")
    def _encoder_of_the_variant(self) -> Self:
        if self.variant == "factorized" and (self.z1_rnn_type or self.z2_units):
            raise ValueError(
                "variant: 'factorized' expects z1_rnn_type = '' and z2_units = 0, since q(z_t) reads x_t alone, got "
                f"{self.z1_rnn_type!r} and {self.z2_units}. Leave the two out, or choose variant = 'full'."
            )
        if not self.f_inputs_pre_z1 and not self.z2_units:
            raise ValueError(
                "f_inputs_pre_z1: expected True with z2_units = 0, got False; there is no second layer that f could "
                "be shown to. Set z2_units, or f_inputs_pre_z1 = true."
            )
        return self

    @model_validator(mode="after")
    def _both_latents(self) -> Self:
        for name in ("z_latent_size", "z1_units"):
            if getattr(self, name) == 0:
                raise ValueError(f"{name}: expected at least 1, got 0; the model has a static and a dynamic latent.")
        return self

    @model_validator(mode="after")
    def _no_controller(self) -> Self:
        if is_complex(self.gen_cell_type):
            raise ValueError(
                f"gen_cell_type: expected a recurrent layer, got {self.gen_cell_type!r}, which is LFADS's. Choose "
                "another, or family = 'lfads'."
            )
        if self.l2_con_scale > 0:
            raise ValueError(
                f"l2_con_scale: expected 0, got {self.l2_con_scale:g}; there is no controller. Set it to 0."
            )
        return self

    @model_validator(mode="after")
    def _images_are_not_scaled(self) -> Self:
        if not self.image_shape:
            return self
        if self.likelihood == "gaussian" and self.scale_channels:
            raise ValueError(
                "scale_channels: expected False with image_shape, got True; pixels keep their unit. Set it to false, "
                "and give images in 0 .. 1."
            )
        if self.input_factors or self.heldout_channels is not None:
            raise ValueError(
                "image_shape: expects input_factors = 0 and heldout_channels = null, since the convolutions read whole "
                "images. Leave them out."
            )
        return self


PARAMS = DSAEParams
