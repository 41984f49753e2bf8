"""The dynamic latent z: its encoder, its posterior and its prior."""

from __future__ import annotations

from indl_vae.params.field import Alias, When, param
from indl_vae.params.groups.conversions import (
    autoregressive_process,
    independent_bins,
    prior_process,
    std_from_variance,
    z_encoder_type,
)
from indl_vae.params.groups.rnn import RNN_TYPES, RNNGroup
from indl_vae.params.groups.shared import SamplingGroup, SeedGroup, ZInCellGroup, ZSizeGroup

_Z_ENCODER = (
    When("z_latent_size", absent=True),
    When("rec_model", ("encoder",), absent=True),
    When("training", ("svae", "svae_forced"), absent=True),
    When("sequence_encoder", ("rnn",), absent=True),
)


class ZEncoderGroup(RNNGroup, ZInCellGroup):
    """Parameters of the encoder that reads a trial into a vector for every bin."""

    z1_rnn_type: str = param(
        "BidirectionalGRUClip",
        "Kind of the z encoder's first layer; empty for a dense layer applied to every bin by itself.",
        choices=(*RNN_TYPES, ""),
        aliases=("encd_rnn_type", Alias("do_causal_controller", z_encoder_type)),
    )
    z1_units: int = param(
        16,
        "Width of the z encoder's first layer; 0 for no z encoder.",
        ge=0,
        search=(16, 32, 64, 128),
        tune=True,
        when=_Z_ENCODER,
        aliases=("ci_enc_dim", "encd_rnn1_units"),
    )
    z2_units: int = param(
        16,
        "Width of the z encoder's second layer; 0 for none. With gen_cell_type 'Complex' it becomes con_units.",
        ge=0,
        search=(16, 32, 64, 128),
        tune=True,
        when=(*_Z_ENCODER, When("z2_units"), When("gen_cell_type", RNN_TYPES, absent=True)),
        aliases=("encd_rnn2_units",),
    )
    z2_rnn_type: str = param("SimpleRNN", "Kind of the z encoder's second layer.", choices=RNN_TYPES)
    z1_lag: int = param(
        0,
        "Bins by which the forward codes reach the next layer late, and the backward codes early.",
        unit="bins",
        ge=0,
        aliases=("controller_input_lag", "ci_lag", "zd_lag"),
    )
    z1_merge: str = param("concat", "How forward and backward codes are joined.", choices=("concat", "sum"))
    f_inputs_pre_z1: bool = param(
        True,
        "Where a z encoder that is shown the static latent gets it: in its first layer's inputs, or in its second's.",
    )


class ZPosteriorGroup(SeedGroup, SamplingGroup, ZSizeGroup, ZInCellGroup):
    """Parameters of q(z | x)."""

    z_latent_off_diag: bool = param(
        False, "Whether q(z) has a full covariance in every bin.", aliases=("qzd_off_diag",)
    )
    q_z_init_std: float = param(
        0.1, "Standard deviation of q(z) when its pre-activation is 0.", gt=0.0, aliases=("qzd_init_std",)
    )
    z_scale_transform: str = param(
        "softplus",
        "How q(z)'s standard deviation is computed: softplus, or from a log-variance as LFADS does.",
        choices=("softplus", "logvar"),
    )
    z_min_var: float = param(0.0, "Variance added to that of q(z) when it comes from a log-variance.", ge=0.0)


class ZPriorGroup(SeedGroup, ZSizeGroup):
    """Parameters of p(z)."""

    z_prior_process: str = param(
        "AR1",
        "Process of p(z): first-order autoregression, a recurrent network, one normal distribution for all bins, or "
        "none.",
        choices=("AR1", "RNN", "LSTM", "GRU", "GRUClip", "tiled", "null"),
        aliases=(
            "pzd_process",
            Alias("co_autoreg_prior", autoregressive_process, also=independent_bins),
            Alias("co_prior_target", prior_process, also=independent_bins),
        ),
    )
    z_prior_init_mean: float = param(
        0.0, "Mean at the start of a p(z) that is one normal distribution for all bins.", aliases=("co_prior_mean",)
    )
    z_prior_train_mean: bool = param(False, "Whether p(z)'s mean is learnt.", aliases=("pzd_train_mean",))
    z_prior_train_var: bool = param(
        True, "Whether p(z)'s variance is learnt.", aliases=("pzd_train_var", "do_train_prior_ar_nvar")
    )
    z_prior_init_std: float = param(
        0.1,
        "Standard deviation of p(z) at the start; that of the noise of an autoregression.",
        gt=0.0,
        aliases=(
            "pzd_init_std",
            Alias("z_prior_var", std_from_variance),
            Alias("prior_ar_nvar", std_from_variance),
            Alias("co_prior_nvar", std_from_variance),
        ),
    )
    z_prior_off_diag: bool = param(
        False, "Whether p(z) has a full covariance.", aliases=("pzd_offdiag", "pzd_off_diag")
    )
    z_prior_mode: str = param(
        "teacher_forced",
        "What the recurrent network of p(z) reads: the posterior's sample, which is the chain rule, or its own samples "
        "as TFP's example of the disentangled autoencoder does, which is no bound.",
        choices=("teacher_forced", "free_running"),
        aliases=("prior_mode",),
    )
    z_prior_units: int = param(8, "Width of the recurrent network of p(z).", ge=1, aliases=("pzd_units",))
    z_prior_tau: float = param(
        10.0,
        "Time constant of the autoregression at the start.",
        unit="bins",
        gt=0.0,
        aliases=("prior_ar_atau", "pzd_tau", "co_prior_tau"),
    )
    z_prior_train_tau: bool = param(
        True,
        "Whether the autoregression's time constant is learnt.",
        aliases=("pzd_train_tau", "do_train_prior_ar_atau"),
    )
