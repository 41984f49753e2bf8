"""How the latents and discrete states of several regions are inferred."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from indl_vae.params.field import Alias, param
from indl_vae.params.groups.regions import RegionSizesGroup
from indl_vae.params.groups.shared import SamplingGroup, SeedGroup

INFERENCES = ("svae", "s_svae", "mean_field", "slds")


def inference_of(mtype: Any) -> Any:
    """Returns our name of a kind of inference of the published code."""
    name = str(mtype).casefold().replace("-", "_")
    return {"mrsds": "mean_field"}.get(name, name)


class RegionPosteriorGroup(SeedGroup, SamplingGroup, RegionSizesGroup):
    """Parameters of q(x, z | y)."""

    inference: str = param(
        "s_svae",
        "How latents are inferred: 'svae' and 's_svae' run with the dynamics, corrected in every bin by the encoder, "
        "without and with discrete states; 'mean_field' takes every bin from the encoder alone; 'slds' smooths what "
        "the encoder says of every bin by the dynamics, linearised. Discrete states are summed out in all of them.",
        choices=INFERENCES,
        aliases=(Alias("mtype", inference_of),),
    )
    discrete: str = param(
        "collapsed",
        "Discrete states in 's_svae': summed out by a filter ('collapsed'), or with probabilities from the encoder, "
        "bin by bin ('factorised').",
        choices=("collapsed", "factorised"),
    )
    correction: str = param(
        "gain",
        "How the encoder corrects the dynamics in 'svae' and 's_svae': as Kalman's filter does, by a gain that follows "
        "from the deviations of both, or by what it adds ('additive', as published; no narrower than the process "
        "noise).",
        choices=("gain", "additive"),
    )
    posterior_scale: str = param(
        "per_bin",
        "Whether the deviation that the encoder adds to the latents is its own in every bin, or one for all that is "
        "trained.",
        choices=("per_bin", "constant"),
    )
    posterior_std: float = param(
        0.1, "Initial deviation that the encoder adds to the latents.", gt=0.0, search=(0.02, 1.0, "log"), tune=True
    )
    full_posterior: bool = param(
        False,
        "Whether that deviation is a full covariance of the latents of a bin (not in 'slds').",
        aliases=("inference_triangular_cov",),
    )
    smoother_sweeps: int = param(
        3, "Times that 'slds' linearises the dynamics and updates the discrete states.", ge=1, le=20
    )
    emission_on: str = param(
        "sample",
        "What the observations are scored on: the latents of their own bin, which makes the loss a bound, or what the "
        "dynamics predict from the bin before ('one_step', as published for 'mean_field').",
        choices=("sample", "one_step"),
    )

    @model_validator(mode="after")
    def _states_that_can_be_inferred(self) -> Self:
        if self.inference == "svae" and self.n_states > 1:
            raise ValueError(
                f"n_states: expected 1 with inference = 'svae', got {self.n_states}. Set inference = 's_svae' for "
                "discrete states."
            )
        if self.discrete == "factorised" and self.inference != "s_svae":
            raise ValueError(
                f"discrete: expected 'collapsed' with inference = {self.inference!r}, got 'factorised'. Leave it out, "
                "or set inference = 's_svae'."
            )
        if self.full_posterior and self.inference == "slds":
            raise ValueError(
                "full_posterior: expected false with inference = 'slds', whose smoother makes latents covary, got "
                "true. Leave it out."
            )
        return self
