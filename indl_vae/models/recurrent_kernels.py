"""The kernels that LFADS's L2 penalty acts on."""

from __future__ import annotations

from typing import Any

import keras


def recurrent_kernels(layer: keras.layers.Layer, biases: bool = False) -> list[Any]:
    """Returns the recurrent kernels of a recurrent layer or cell, of both directions where there are two.

    Args:
        layer: A cell, a recurrent layer, or a Bidirectional one.
        biases: Whether the biases are penalised too (LFADS on TF1).
    """
    if isinstance(layer, keras.layers.Bidirectional):
        return [*recurrent_kernels(layer.forward_layer, biases), *recurrent_kernels(layer.backward_layer, biases)]
    cell = getattr(layer, "cell", layer)
    return [cell.recurrent_kernel, cell.bias] if biases else [cell.recurrent_kernel]
