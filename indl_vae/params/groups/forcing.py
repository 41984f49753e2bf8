"""How a latent dynamical system is trained: by its evidence bound, or run freely between corrections by the data."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from indl_vae.params.base import Params
from indl_vae.params.field import Alias, param

TRAININGS = ("svae", "teacher_forcing", "generalized_teacher_forcing", "svae_forced")


def _inverse(value: Any) -> str:
    return "inverse" if value else "identity"


class ForcingGroup(Params):
    """Parameters of the training.

    References: Brenner, Hess et al. 2022 (teacher forcing); Hess et al. 2023 (generalized teacher forcing); Brenner et
    al. 2024, "Integrating multimodal data for joint generative modeling of complex dynamics" (an encoder forces).
    """

    training: str = param(
        "svae",
        "'svae': the evidence bound, without a roll-out. 'teacher_forcing': the network runs by itself and is set to "
        "the data every forcing_interval bins. 'generalized_teacher_forcing': it is drawn to the data by forcing_alpha "
        "in every bin. 'svae_forced': as teacher_forcing, to samples of an encoder trained beside it.",
        choices=TRAININGS,
    )
    forcing_interval: int | str = param(
        "auto",
        "Bins from one correction to the next; 'auto' to read it from the autocorrelation and mutual "
        "information of the data.",
        unit="bins",
        aliases=("teacher_forcing_interval", "tau"),
    )
    forcing_signal: str = param(
        "identity",
        "What states are set to: the first ones to the observations themselves ('identity', which needs an identity "
        "read-out), or all to the least-squares inverse of a linear read-out ('inverse').",
        choices=("identity", "inverse"),
        aliases=(Alias("use_inv_tf", _inverse),),
    )
    forcing_alpha: float | None = param(
        None, "Weight of the data in generalized teacher forcing; null to estimate it from Jacobians.", ge=0.0, le=1.0
    )
    forcing_estimate: str = param(
        "geometric_mean",
        "What of the Jacobians along a batch stands for the growth of gradients: the largest norm, the geometric or "
        "arithmetic mean of norms, that of their products, or a bound from the weights alone.",
        choices=("max", "geometric_mean", "arithmetic_mean", "product", "weights"),
    )
    forcing_decay: float = param(0.999, "Share of the old weight kept where the estimate is below it.", ge=0.0, lt=1.0)
    forcing_every: int = param(5, "Training steps between estimates.", unit="steps", ge=1)
    forced_states: int | None = param(
        None,
        "Latent states that the encoder of 'svae_forced' stands for; null for a third of them, at least one.",
        ge=1,
    )
    input_noise: float = param(
        0.0, "Deviation of the noise added to forcing observations while training, in their deviations.", ge=0.0,
        aliases=("noise_level",),
    )  # fmt: skip
    learn_z0: bool = param(True, "Whether the states that are not observed start from a linear map of the first bin.")
    encoder_weight: float = param(1.0, "Weight of the encoder's own reconstruction, in 'svae_forced'.", ge=0.0)
    consistency_weight: float = param(
        1.0, "Weight of the squared distance of encoded and generated states, in 'svae_forced'.", ge=0.0
    )
    entropy_weight: float = param(1.0, "Weight of the encoder's entropy, in 'svae_forced'.", ge=0.0)

    @model_validator(mode="after")
    def _interval(self) -> Self:
        interval = self.forcing_interval
        if interval != "auto" and not (isinstance(interval, int) and interval >= 1):
            raise ValueError(f"forcing_interval: expected at least 1 bin, or 'auto', got {interval!r}.")
        return self
