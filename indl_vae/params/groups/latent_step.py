"""The step of a latent dynamical system."""

from __future__ import annotations

from typing import Any

from indl_vae.params.field import Alias, When, param
from indl_vae.params.groups.shared import SeedGroup, ZSizeGroup

#: Names of the steps.
LATENT_STEPS = ("auto", "plain", "dendritic", "clipped_dendritic", "shallow", "clipped_shallow", "almost_linear")
_PUBLISHED = {
    "plrnn": "plain",
    "dendr-plrnn": "dendritic",
    "clipped-plrnn": "clipped_dendritic",
    "shallowplrnn": "shallow",
    "clippedshallowplrnn": "clipped_shallow",
    "al-rnn": "almost_linear",
}


def published_step(value: Any) -> Any:
    """Returns our name of a step for that of the published code."""
    return _PUBLISHED.get(str(value).casefold(), value)


class LatentStepGroup(SeedGroup, ZSizeGroup):
    """Parameters of the step F of `z_t = F(z_t-1, s_t)`."""

    latent_step: str = param(
        "auto",
        "Kind of step: clipped_dendritic with bases and plain without ('auto'), or the one named.",
        choices=LATENT_STEPS,
        aliases=(Alias("latent_model", published_step),),
    )
    n_bases: int | None = param(
        20,
        "Rectifiers of a dendritic unit; null or 0 for the plain network.",
        ge=0,
        search=(0, 5, 10, 20, 50),
        tune=True,
        when=When("latent_step", ("auto", "dendritic", "clipped_dendritic")),
    )
    clip_range: float | None = param(
        10.0, "Limit of the latent states' absolute values, where it acts; null for none.", gt=0.0
    )
    hard_clip: bool | None = param(
        None,
        "Whether clip_range acts; null: in steps whose orbits are not bounded by construction (plain, dendritic, "
        "shallow, almost_linear).",
    )
    rectifier_slope: float = param(0.0, "Slope of the rectifiers below 0.", ge=0.0, lt=1.0)
    dendrite_width: float | None = param(
        None,
        "Distance of the two knees of a clipped dendritic branch; null for the paper's form, one knee at 0.",
        gt=0.0,
    )
    n_hidden: int = param(
        50,
        "Hidden units of a shallow step.",
        ge=1,
        search=(25, 50, 100, 250),
        tune=True,
        when=When("latent_step", ("shallow", "clipped_shallow")),
    )
    n_rectified: int = param(2, "Rectified units of an almost linear step; the others are linear.", ge=1)
    mean_centering: bool = param(
        False, "Whether the rectifiers see each state less the mean over states.", aliases=("use_mean_centering",)
    )
    step_start: str = param(
        "auto",
        "Initial weights of the step: those published for variational inference, for teacher forcing, or those of the "
        "training that is asked for.",
        choices=("auto", "variational", "teacher_forcing"),
    )
