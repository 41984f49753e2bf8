"""From latent states to what is observed."""

from __future__ import annotations

from indl_vae.params.field import param
from indl_vae.params.groups.output import OutputGroup
from indl_vae.params.groups.shared import SeedGroup


class ObservationGroup(OutputGroup, SeedGroup):
    """Parameters of the observation model of a latent dynamical system."""

    readout: str = param(
        "auto",
        "Read-out of the states: 'linear'; 'relu', linear in the rectified states; 'identity', the first states are "
        "the observations' means; 'auto': identity where the observations themselves force the states, else linear.",
        choices=("auto", "linear", "relu", "identity"),
    )
    readout_bias: bool | None = param(
        None, "Whether the read-out has a bias; null: not for a Gaussian likelihood, which is scaled by the data."
    )
    fix_observation_model: bool = param(
        False,
        "Whether recognition model, read-out and observation noise stay as they are, for a model that starts from "
        "another.",
    )
    initial_states: str = param(
        "shared",
        "Prior mean of the first state: one for all trials ('shared'), or one for each training trial, as published "
        "('per_trial'); a trial that was not trained on then starts from the distribution of all.",
        choices=("shared", "per_trial"),
    )
