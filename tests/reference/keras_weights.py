"""The way from a Keras model to the oracles: its weights by layer, in float64."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def variables_by_layer(core: keras.Model) -> dict[str, Any]:
    """Returns the trained variables of a core's layers, `layer/kernel`; directions and parts of the prior by name."""
    found: dict[str, Any] = {}
    for layer in core.layers:
        for part, path in _parts(layer):
            found |= {f"{path}/{weight.name}": weight for weight in part.trainable_weights}
    return found


def arrays(variables: dict[str, Any]) -> dict[str, np.ndarray]:
    """Returns the values of variables in float64."""
    return {name: np.asarray(variable, np.float64) for name, variable in variables.items()}


def _parts(layer: keras.layers.Layer) -> list[tuple[Any, str]]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [(layer.forward_layer, f"{layer.name}/forward"), (layer.backward_layer, f"{layer.name}/backward")]
    if hasattr(layer, "cell") and hasattr(layer.cell, "rnn_cell"):
        cell = layer.cell
        heads = [(cell.loc_head, f"{layer.name}/loc"), (cell.scale_head, f"{layer.name}/scale")]
        return [(cell.rnn_cell, layer.name), *heads]
    return [(layer, layer.name)]
