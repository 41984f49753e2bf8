"""Parameters that several groups need, each declared here and inherited from here.

Groups list these bases in the order DropoutGroup, HeldOutGroup, SeedGroup, SamplingGroup, FSizeGroup, ZSizeGroup,
ZInCellGroup, so that a family can inherit any selection of groups.
"""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import Alias, param
from indl_vae.params.groups.conversions import (
    autoencoder,
    complement,
    from_last_channels,
    from_seen_channels,
    truth,
)
from indl_vae.params.heldout import HeldOut
from indl_vae.params.translate import COMPLEX, is_complex


class DropoutGroup(Params):
    """The dropout rate."""

    dropout_rate: float = param(
        1e-2,
        "Share of entries set to zero by ordinary dropout, on the data, between encoder and heads, and before the "
        "factors.",
        ge=0.0,
        lt=1.0,
        search=(0.0, 0.6, "linear"),
        tune=True,
        live=True,
        aliases=(Alias("keep_prob", complement),),
    )


class FSizeGroup(Params):
    """The size of the static latent."""

    f_latent_size: int = param(
        10,
        "Size of the static latent f; in LFADS the latent that gives the generator's initial state. 0, in LFADS alone, "
        "for an initial state that is learnt and the same for all trials.",
        ge=0,
        search=(8, 16, 32, 64, 128),
        tune=True,
        aliases=("ic_dim", "zs_size"),
    )

    @model_validator(mode="after")
    def _only_lfads_goes_without_f(self) -> Self:
        of_a_family = "family" in type(self).model_fields
        if of_a_family and self.f_latent_size == 0 and not is_complex(getattr(self, "gen_cell_type", "")):
            raise ValueError(
                f"f_latent_size: expected at least 1 unless gen_cell_type is {COMPLEX!r}, whose initial state can be "
                "learnt instead, got 0. Set it to 1 or more."
            )
        return self


class HeldOutGroup(Params):
    """What the encoders do not see and the model has to predict."""

    heldout_channels: HeldOut = param(
        None,
        "Channels hidden from the encoders and predicted (co-smoothing): a slice such as '3::4', a list of channels "
        "counted from 0, or an integer k for the last k channels.",
        aliases=(
            Alias("cs_dim", from_last_channels),
            Alias("n_heldin", from_seen_channels),
            Alias("encod_data_dim", from_seen_channels),
        ),
    )
    heldout_bins: int = param(
        0,
        "Bins at the end of every trial that are hidden from the encoders and predicted (forward prediction).",
        unit="bins",
        ge=0,
        aliases=("fp_len",),
    )


class SamplingGroup(Params):
    """Whether latents are random."""

    sample_posteriors: bool = param(
        True,
        "Whether latents are drawn from their posteriors, in training and where samples are averaged; else their means "
        "are pushed through.",
        aliases=(Alias("variational", truth, also=autoencoder),),
    )


class SeedGroup(Params):
    """The seed."""

    seed: int = param(
        0,
        "Seed of the initial weights, the order of the trials and all noise.",
        ge=0,
        le=2**31 - 1,
        aliases=("random_seed",),
    )


class ZInCellGroup(Params):
    """Where the dynamic latent is made."""

    z_in_cell: bool = param(
        False,
        "Whether the dynamic latent is drawn inside the generator's cell; follows from gen_cell_type.",
    )


class ZSizeGroup(Params):
    """The size of the dynamic latent."""

    z_latent_size: int = param(
        4,
        "Size of the dynamic latent z of every bin; in LFADS the inferred inputs. 0 for none.",
        ge=0,
        search=(0, 1, 2, 4, 8),
        tune=True,
        aliases=("co_dim", "zd_size", "dim_z"),
    )
