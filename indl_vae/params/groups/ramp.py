"""How the weights of the KL and L2 terms grow, or fall, to their values."""

from __future__ import annotations

from indl_vae.params.base import Params
from indl_vae.params.field import Alias, param

_STEPS = (("ramp_unit", "step"),)
_EPOCHS = (("ramp_unit", "epoch"),)


class RampGroup(Params):
    """Parameters of the two ramps.

    By epoch, counted from 1, the ramp is (epoch - start) / (length + 1); by step, counted from 0, it is
    (step - start) / length; in both cases limited to 0 .. 1. The factor of a term goes from 0, or `..._ramp_from`, to 1
    with it.
    """

    ramp_unit: str = param(
        "epoch", "What the ramps count: epochs, or training steps as the first LFADS did.", choices=("epoch", "step")
    )
    kl_ramp_start: int = param(
        0,
        "Epoch or step at which the KL terms start to count.",
        unit="ramp_unit",
        ge=0,
        aliases=(Alias("kl_start_step", also=_STEPS), Alias("kl_start_epoch", also=_EPOCHS)),
    )
    kl_ramp_length: int = param(
        0,
        "Epochs or steps over which the KL terms' factor grows to 1.",
        unit="ramp_unit",
        ge=0,
        aliases=(
            Alias("kl_increase_steps", also=_STEPS),
            Alias("kl_increase_epochs", also=_EPOCHS),
            Alias("kl_increase_epoch", also=_EPOCHS),
        ),
    )
    kl_f_ramp_start: int | None = param(
        None, "As kl_ramp_start, for KL(q(f) | p(f)) alone; null for the same.", unit="ramp_unit", ge=0
    )
    kl_f_ramp_length: int | None = param(
        None, "As kl_ramp_length, for KL(q(f) | p(f)) alone; null for the same.", unit="ramp_unit", ge=0
    )
    kl_z_ramp_start: int | None = param(
        None, "As kl_ramp_start, for KL(q(z) | p(z)) alone; null for the same.", unit="ramp_unit", ge=0
    )
    kl_z_ramp_length: int | None = param(
        None, "As kl_ramp_length, for KL(q(z) | p(z)) alone; null for the same.", unit="ramp_unit", ge=0
    )
    kl_f_ramp_from: float = param(
        0.0,
        "Factor of KL(q(f) | p(f)) before its ramp. Above 1 the ramp falls: f stays shut until z has found what moves.",
        ge=0.0,
    )
    kl_z_ramp_from: float = param(0.0, "Factor of KL(q(z) | p(z)) before its ramp; above 1 the ramp falls.", ge=0.0)
    l2_ramp_start: int = param(
        0,
        "Epoch or step at which the L2 terms start to count.",
        unit="ramp_unit",
        ge=0,
        aliases=(Alias("l2_start_step", also=_STEPS), Alias("l2_start_epoch", also=_EPOCHS)),
    )
    l2_ramp_length: int = param(
        0,
        "Epochs or steps over which the L2 terms' factor grows to 1.",
        unit="ramp_unit",
        ge=0,
        aliases=(
            Alias("l2_increase_steps", also=_STEPS),
            Alias("l2_increase_epochs", also=_EPOCHS),
            Alias("l2_increase_epoch", also=_EPOCHS),
        ),
    )
