"""The parameters of AutoLFADS."""

from __future__ import annotations

from typing import Any, ClassVar

from indl_vae.families.lfads.params import LFADSParams
from indl_vae.families.lfads.presets import AUTOLFADS_TF2, FAST, LFADS_TORCH

#: What makes LFADS AutoLFADS: half of the entries hidden in every step, and some never seen, by which runs are
#: compared.
DEFAULTS: dict[str, Any] = {"family": "autolfads", "coordinated_dropout_rate": 0.5, "sv_rate": 0.2}

#: Settings under which the published populations are trained: the schedule belongs to the population, not to a run.
_IN_A_POPULATION: dict[str, Any] = {
    "coordinated_dropout_rate": 0.5,
    "learning_rate": 4e-3,
    "lr_rule": "none",
    "lr_decay": 1.0,
    "lr_stop": 1e-10,
    "patience": 5000,
    "adam_epsilon": 1e-8,
    "loss_scale": 1e4,
}

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": FAST,
    "autolfads_tf2": {**AUTOLFADS_TF2, **_IN_A_POPULATION},
    "lfads_torch": {**LFADS_TORCH, **_IN_A_POPULATION},
}


class AutoLFADSParams(LFADSParams, defaults=DEFAULTS):
    """What can be set of AutoLFADS: LFADS's fields, with coordinated dropout and sample validation switched on.

    Presets: "default", "fast", and "autolfads_tf2", "lfads_torch", which repeat the published populations' settings.

    Reference: Keshtkaran et al., "A large-scale neural network training framework for generalized estimation of
    single-trial population dynamics", Nature Methods 19 (2022).
    """

    presets: ClassVar = PRESETS


PARAMS = AutoLFADSParams
