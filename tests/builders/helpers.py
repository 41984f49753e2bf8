"""Models around single builders, to be called on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def wire(
    build: Callable[..., Any], *widths: int | None, static: tuple[int, ...] = (), name: str = "model"
) -> keras.Model:
    """Returns the model that `build` makes of Keras inputs.

    Args:
        build: From Keras inputs to what a builder returns; parts that are None are left out.
        *widths: Width of each input.
        static: Positions of the inputs without a time axis; the others have an open number of bins.
        name: Of the model.
    """
    inputs = [keras.Input((width,) if i in static else (None, width)) for i, width in enumerate(widths)]
    outputs = [part for part in keras.tree.flatten(build(*inputs)) if part is not None]
    return keras.Model(inputs, outputs, name=name)


def arrays(*shapes: tuple[int, ...], seed: int = 0) -> list[np.ndarray]:
    """Returns normal numbers of the given shapes."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def layer_names(model: keras.Model) -> set[str]:
    """Returns the names of a model's layers."""
    return {layer.name for layer in model.layers}


def run(model: keras.Model, *inputs: np.ndarray, training: bool = False) -> list[np.ndarray]:
    """Returns a model's outputs as arrays."""
    return [np.asarray(part) for part in keras.tree.flatten(model(list(inputs), training=training))]
