"""Recurrent layers run piece by piece, their states handed from one piece to the next."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def first_states(layer: keras.layers.RNN, batch: int) -> list[Any]:
    """Returns the states of a recurrent layer before the first step of a sequence, `(B, H)` each."""
    return [tf.convert_to_tensor(state) for state in layer.get_initial_state(batch)]


def run_on(layer: keras.layers.RNN, sequences: Any, states: list[Any]) -> tuple[Any, list[Any]]:
    """Runs a recurrent layer's cell over further steps.

    The layer itself gives no states back; a second layer around the same, built cell does, and has no weights of its
    own.

    Args:
        layer: One that runs forward.
        sequences: `(B, T, D)`.
        states: Before the first of these steps.

    Returns:
        The output of each step `(B, T, H)`, and the states after the last.
    """
    if sequences.shape[1] == 1:  # one step needs no loop
        output, after = layer.cell(sequences[:, 0], states)
        return output[:, None], list(after) if isinstance(after, (list, tuple)) else [after]
    around = keras.layers.RNN(layer.cell, return_sequences=True, return_state=True, dtype=layer.dtype_policy)
    outputs, *after = around(sequences, initial_state=list(states))
    return outputs, after
