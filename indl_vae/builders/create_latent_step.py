"""The step of a latent dynamical system."""

from __future__ import annotations

from typing import Any

from indl_vae.layers.latent_steps import LATENT_STEPS, LatentStep
from indl_vae.numerics import derive_seed
from indl_vae.params import LatentStepGroup, narrow

#: What each step takes from the parameters, as {its argument: our parameter}.
OPTIONS = {
    "dendritic": {"n_bases": "n_bases"},
    "clipped_dendritic": {"n_bases": "n_bases", "width": "dendrite_width"},
    "shallow": {"n_hidden": "n_hidden"},
    "clipped_shallow": {"n_hidden": "n_hidden"},
    "almost_linear": {"n_rectified": "n_rectified"},
}
#: Steps whose orbits stay bounded by themselves while the weights of states on themselves are below 1.
_BOUNDED = ("clipped_dendritic", "clipped_shallow")


def create_latent_step(params: Any, input_dim: int = 0, start: str = "variational") -> LatentStep:
    """Returns the layer of a latent step.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `latent_step`, `z_latent_size`, `n_bases`, `clip_range`,
            `hard_clip`, `rectifier_slope`, `dendrite_width`, `n_hidden`, `n_rectified`, `mean_centering`,
            `step_start`, `seed`.
        input_dim: Width of the measured external input, 0 without one.
        start: Initial weights where `step_start` is "auto".
    """
    group = narrow(LatentStepGroup, params)
    kind = group.latent_step
    if kind == "auto":
        kind = "clipped_dendritic" if group.n_bases else "plain"
    clipped = kind not in _BOUNDED if group.hard_clip is None else group.hard_clip
    return LATENT_STEPS.get(kind)(
        group.z_latent_size,
        input_dim=input_dim,
        clip_range=group.clip_range if clipped else None,
        slope=group.rectifier_slope,
        mean_centering=group.mean_centering,
        start=start if group.step_start == "auto" else group.step_start,
        seed=derive_seed(group.seed, "latent_step"),
        name="latent_step",
        **{argument: group[name] for argument, name in OPTIONS.get(kind, {}).items()},
    )
