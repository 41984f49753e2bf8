"""Sequential variational autoencoders for neural population data, on TensorFlow, TensorFlow Probability and Keras 3.

Importing this package loads no TensorFlow; what needs it is imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

from indl_vae import families
from indl_vae.params.make import make_params

__version__ = "0.1.0"

#: Public functions that live in rooms which are heavy to import.
_FUNCTIONS = {
    "build_model": "indl_vae.models",
    "load_dataset": "indl_vae.data",
    "train": "indl_vae.training",
    "load_run": "indl_vae.training",
}
_ROOMS = (
    "analysis",
    "builders",
    "data",
    "distributions",
    "importers",
    "inference",
    "layers",
    "models",
    "training",
    "tuning",
)

__all__ = ["__version__", "build_model", "families", "load_dataset", "load_run", "make_params", "train", *_ROOMS]


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
