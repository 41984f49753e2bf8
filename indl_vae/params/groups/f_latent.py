"""The static latent f: its encoder, its posterior and its prior."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.field import Alias, When, param
from indl_vae.params.groups.conversions import is_learned, learned_variance, static_prior
from indl_vae.params.groups.rnn import RNN_TYPES, RNNGroup
from indl_vae.params.groups.shared import DropoutGroup, FSizeGroup, SamplingGroup, SeedGroup
from indl_vae.params.widths import Widths


class FEncoderGroup(RNNGroup):
    """Parameters of the encoder that reads a whole trial into one vector."""

    f_rnn_type: str = param(
        "BidirectionalGRUClip", "Kind of the f encoder's layers.", choices=RNN_TYPES, aliases=("encs_rnn_type",)
    )
    f_units: Widths = param(
        (128,),
        "Widths of the f encoder's layers; an integer for one layer.",
        ge=1,
        search=(32, 64, 128, 256),
        tune=True,
        when=When("f_latent_size"),
        aliases=("ic_enc_dim", "encs_rnn_units"),
    )
    f_merge: str = param(
        "concat",
        "How the last forward and backward states of a bidirectional f encoder are joined.",
        choices=("concat", "sum"),
    )
    f_states: str = param(
        "last_layer",
        "Whose last states the f encoder puts out: those of its last layer, or of all layers side by side.",
        choices=("last_layer", "all_layers"),
    )


class FPosteriorGroup(DropoutGroup, SeedGroup, SamplingGroup, FSizeGroup):
    """Parameters of q(f | x)."""

    f_latent_off_diag: bool = param(False, "Whether q(f) has a full covariance.", aliases=("qzs_off_diag",))
    q_f_init_std: float = param(
        0.1, "Standard deviation of q(f) when its pre-activation is 0.", gt=0.0, aliases=("qzs_init_std",)
    )
    f_scale_transform: str = param(
        "softplus",
        "How q(f)'s standard deviation is computed: softplus, or from a log-variance as LFADS does.",
        choices=("softplus", "logvar"),
    )
    f_min_var: float = param(
        1e-4, "Variance added to that of q(f) when it comes from a log-variance.", ge=0.0, aliases=("ic_post_var_min",)
    )


class FPriorGroup(FSizeGroup):
    """Parameters of p(f)."""

    f_prior_off_diag: bool = param(False, "Whether p(f) has a full covariance.", aliases=("pzs_off_diag",))
    f_prior_kappa: float = param(
        0.0,
        "Variance of p(f) at the start; 0 to use f_prior_init_std.",
        ge=0.0,
        aliases=("pzs_kappa", "ic_prior_var_scale", "ic_prior_var", "ic_prior_variance"),
    )
    f_prior_train_mean: bool = param(
        True,
        "Whether p(f)'s mean is learnt.",
        aliases=("pzs_train_mean", Alias("f_prior", is_learned, also=learned_variance)),
    )
    f_prior_train_var: bool = param(True, "Whether p(f)'s variance is learnt.", aliases=("pzs_train_var",))
    f_prior_init_std: float = param(1.0, "Standard deviation of p(f) at the start.", gt=0.0)
    f_prior_init_mean: float = param(0.0, "Mean of p(f) at the start.", aliases=("ic_prior_mean",))
    f_prior_process: str = param(
        "normal",
        "Kind of p(f): a normal distribution, or null for none, which makes f a code that costs nothing.",
        choices=("normal", "null"),
        aliases=(Alias("ic_prior_target", static_prior),),
    )
    f_prior_var_min: float = param(
        0.0, "Smallest variance of p(f), where it is learnt between limits.", ge=0.0, aliases=("ic_prior_var_min",)
    )
    f_prior_var_max: float = param(
        0.0,
        "Largest variance of p(f); when above f_prior_var_min the variance is learnt between the two.",
        ge=0.0,
        aliases=("ic_prior_var_max",),
    )
    f_prior_tf1_compat: bool = param(
        False,
        "Whether a variance learnt between limits is that of run_lfads.py, whose second exponential keeps it from "
        "starting at f_prior_kappa.",
    )

    @model_validator(mode="after")
    def _prior_variance_limits(self) -> Self:
        low, high = self.f_prior_var_min, self.f_prior_var_max
        if high < low:
            raise ValueError(
                f"f_prior_var_max: expected at least f_prior_var_min = {low:g}, got {high:g}. Exchange or equal the "
                "two."
            )
        start = self.f_prior_kappa or self.f_prior_init_std**2
        if high > low and not self.f_prior_tf1_compat and not low < start < high:
            raise ValueError(
                f"f_prior_kappa: expected a starting variance between f_prior_var_min = {low:g} and f_prior_var_max "
                f"= {high:g}, got {start:g}. Set f_prior_kappa between them."
            )
        return self
