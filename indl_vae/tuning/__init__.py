"""Searches: many runs, each a process of its own. No TensorFlow here: what is started loads it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from indl_vae.tuning.argument import Argument
from indl_vae.tuning.scan import scan

if TYPE_CHECKING:
    from indl_vae.tuning.hyper_model import VAEHyperModel
    from indl_vae.tuning.pbt.population_plan import make_plan
    from indl_vae.tuning.pbt.train_population import train_population
    from indl_vae.tuning.run_tuner import RunTuner
    from indl_vae.tuning.searching import tune

__all__ = ["Argument", "RunTuner", "VAEHyperModel", "make_plan", "scan", "train_population", "tune"]

#: What keras-tuner or Ray, and with them TensorFlow, are loaded for.
_LAZY = {
    "RunTuner": "run_tuner",
    "VAEHyperModel": "hyper_model",
    "make_plan": "pbt.population_plan",
    "train_population": "pbt.train_population",
    "tune": "searching",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
