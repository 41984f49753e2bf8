"""From factors to the distribution of the data."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from indl_vae.params.field import Alias, param
from indl_vae.params.groups.conversions import class_name
from indl_vae.params.groups.shared import SeedGroup

#: Likelihoods of real values.
_REALS = ("gaussian", "huber")
#: Likelihoods of data that are one of a number of levels.
_LEVELS = ("ordinal", "categorical")


class OutputGroup(SeedGroup):
    """Parameters of the likelihood."""

    likelihood: str = param(
        "poisson",
        "Distribution of an entry of the data given the factors.",
        choices=("poisson", *_REALS, "negative_binomial", "bernoulli", "gamma", "zero_inflated_gamma", *_LEVELS),
        aliases=("output_dist", "emissions_dist", Alias("reconstruction_target", class_name)),
    )
    huber_delta: float = param(
        1.0, "Distance from which on the loss of a Huber likelihood is linear, in units of the data.", gt=0.0
    )
    out_dim: int = param(0, "Number of channels predicted; 0 to take it from the data.", ge=0, aliases=("data_dim",))
    gaussian_scale: str = param(
        "per_bin",
        "Whether a Gaussian likelihood's standard deviation is predicted in every bin, learnt for every channel, or "
        "fixed at 1.",
        choices=("per_bin", "per_channel", "fixed"),
    )
    scale_channels: bool = param(
        True,
        "Whether a model with a Gaussian likelihood works in units of each channel's mean and deviation, taken from "
        "the training data; what comes out is in the unit of the data. Without, values far from 1 saturate the "
        "encoders.",
    )
    poisson_full: str = param(
        "exact",
        "How the Poisson likelihood's log k! is computed in the loss: exactly, or by Stirling's formula as "
        "AutoLFADS does.",
        choices=("exact", "stirling"),
    )
    clip_log_rate: bool = param(
        True, "Whether log-rates are kept within [-20, 10], in likelihood and rate alike, against overflow."
    )
    gamma_loc: float = param(0.0, "Smallest value of the non-zero part of a zero-inflated gamma likelihood.", ge=0.0)
    n_levels: int | None = param(
        None,
        "Number of levels (ordinal likelihood) or classes (categorical likelihood) of each channel, counted from 0; "
        "these likelihoods alone need it.",
        ge=2,
    )

    @model_validator(mode="after")
    def _levels_are_counted(self) -> Self:
        if self.likelihood in _LEVELS and self.n_levels is None:
            raise ValueError(
                f"n_levels: expected a whole number of at least 2 with likelihood = {self.likelihood!r}, got None. Set "
                "it to the number of levels: 3 for data of 0, 1 and 2."
            )
        return self
