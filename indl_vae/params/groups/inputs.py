"""What happens to the data before the encoders see them."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.field import Alias, param
from indl_vae.params.groups.conversions import complement, read_in_width, segment_bins
from indl_vae.params.groups.shared import DropoutGroup, HeldOutGroup, SeedGroup

#: Likelihoods of data in which several spikes may come to lie in a bin.
_COUNTS = ("poisson", "negative_binomial")
#: The upper end of run_lfads.py's displacements is not drawn.
_HALF_OPEN = (("spike_jitter_inclusive", False),)


class InputsGroup(DropoutGroup, HeldOutGroup, SeedGroup):
    """Parameters of dropout, coordinated dropout, sample validation, augmentation, leading segment and read-in."""

    coordinated_dropout_rate: float = param(
        0.1,
        "Share of entries hidden from the encoders in a training step, from which alone the reconstruction then "
        "learns.",
        ge=0.0,
        lt=1.0,
        search=(0.01, 0.7, "linear"),
        tune=True,
        live=True,
        aliases=("cd_rate", Alias("keep_ratio", complement)),
    )
    cd_pass_rate: float = param(
        0.0,
        "Share of the entries kept by coordinated dropout that are learnt from nevertheless.",
        ge=0.0,
        le=1.0,
        aliases=("cd_grad_passthru_prob",),
    )
    sv_rate: float = param(
        0.0,
        "Share of entries hidden from the encoders and the loss throughout, to be scored (sample validation).",
        ge=0.0,
        lt=1.0,
        aliases=(Alias("cv_keep_ratio", complement),),
    )
    sv_seed: int = param(0, "Seed of the choice of the entries of sample validation.", ge=0, aliases=("cv_rand_seed",))
    input_factors: int = param(
        0,
        "Width of the linear read-in in front of the encoders; 0 for none.",
        ge=0,
        search=(0, 10, 20, 40),
        tune=True,
        aliases=("in_factors_dim", Alias("readin_dim", read_in_width)),
    )
    spike_jitter_width: int = param(
        0,
        "Largest number of bins by which each spike is moved anew in every training step; 0 for none.",
        unit="bins",
        ge=0,
        aliases=(Alias("temporal_spike_jitter_width", also=_HALF_OPEN), "spikejitter_width"),
    )
    spike_jitter_inclusive: bool = param(
        True,
        "Whether spike_jitter_width itself is drawn, as in lfads-torch, rather than one bin less to the late side, as "
        "in run_lfads.py.",
    )
    shift_std: float = param(
        0.0,
        "Standard deviation of the number of bins by which each channel of each trial is shifted anew in every "
        "training step; 0 for none.",
        unit="bins",
        ge=0.0,
        aliases=("temporalshift_std",),
    )
    shift_max: int = param(6, "Largest shift of a channel.", unit="bins", ge=0, aliases=("temporalshift_max_shift",))
    f_enc_input_samps: int = param(
        0,
        "Leading bins that the f encoder sees, so that f knows nothing of later ones; 0 for all.",
        unit="bins",
        ge=0,
        aliases=("ic_enc_seg_len", "ic_enc_seq_len", "encs_input_samps", Alias("num_steps_for_gen_ic", segment_bins)),
    )

    @model_validator(mode="after")
    def _only_counts_are_jittered(self) -> Self:
        likelihood = getattr(self, "likelihood", "poisson")
        if self.spike_jitter_width and likelihood not in _COUNTS:
            raise ValueError(
                f"spike_jitter_width: expected 0 with likelihood = {likelihood!r}, got {self.spike_jitter_width}: only "
                "counts are moved spike by spike. Set it to 0."
            )
        return self
