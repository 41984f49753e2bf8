"""From the name of a recurrent layer to the layer: `BidirectionalGRUClip`, `LSTM`, ..."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers import ClippedGRU
from indl_vae.layers.gru_initializers import keras_initializer
from indl_vae.numerics import derive_seed

PREFIX = "Bidirectional"
CELLS = ("GRUClip", "GRU", "LSTM", "SimpleRNN")


def is_rnn(rnn_type: str) -> bool:
    """Returns whether the name is that of a recurrent layer; the empty name stands for a Dense layer per bin."""
    return rnn_type.removeprefix(PREFIX) in CELLS


def is_bidirectional(rnn_type: str) -> bool:
    """Returns whether the name asks for both directions."""
    return rnn_type.startswith(PREFIX)


def make_rnn(
    rnn_type: str, units: int, group: Any, name: str, return_sequences: bool = True, merge: str = "concat"
) -> keras.layers.Layer:
    """Returns a recurrent layer; both directions side by side for a name that starts with "Bidirectional".

    Args:
        rnn_type: "" or "Bidirectional" + one of GRUClip, GRU, LSTM, SimpleRNN.
        units: Width of one direction.
        group: Parameters of an `RNNGroup` (clip, gate bias, initial weights and states, route, seed).
        name: Of the layer.
        return_sequences: Whether every step's state is put out, or the last alone.
        merge: "concat" or "sum": how both directions are joined.

    Raises:
        ConfigError: If no such cell exists.
    """
    cell = rnn_type.removeprefix(PREFIX)
    if cell not in CELLS:
        raise ConfigError(
            f"{name}: no recurrent layer {rnn_type!r}; expected '' or '{PREFIX}' followed by one of {CELLS}."
        )

    def one(layer_name: str, backwards: bool) -> keras.layers.Layer:
        seed = derive_seed(group.seed, layer_name)
        common = {"return_sequences": return_sequences, "go_backwards": backwards, "name": layer_name}
        return (
            _clipped(units, group, seed, common) if cell == "GRUClip" else _standard(cell, units, group, seed, common)
        )

    if not is_bidirectional(rnn_type):
        return one(name, False)
    # two layers with seeds of their own: left to itself, Bidirectional copies the first one's initial weights
    backward = one(f"{name}_backward", True)
    return keras.layers.Bidirectional(
        one(f"{name}_forward", False),
        merge_mode="sum" if merge == "sum" else "concat",
        backward_layer=backward,
        name=name,
    )


def last_states(hidden: Any, both: bool) -> Any:
    """Returns the last states of a sequence of them: masked bins repeat the last state before them.

    Args:
        hidden: `(B, T, U)`.
        both: Whether the second half of the columns ran backwards.
    """
    if not both:
        return hidden[:, -1]
    forward, backward = ops.split(hidden, 2, axis=-1)
    return ops.concatenate([forward[:, -1], backward[:, 0]], axis=-1)


def _clipped(units: int, group: Any, seed: int, common: dict[str, Any]) -> ClippedGRU:
    return ClippedGRU(
        units,
        clip_value=group.gru_clip_value,
        gate_bias=group.gate_bias,
        kernel_init=group.kernel_init,
        learn_initial_state=group.learn_initial_states,
        route=group.rnn_route,
        remat=group.remat,
        seed=seed,
        gate_scale=group.cell_weight_scale,
        **common,
    )


def _standard(cell: str, units: int, group: Any, seed: int, common: dict[str, Any]) -> keras.layers.Layer:
    """Keras's own layer; its GRU with the reset gate before the recurrent product, as in the rest of the library."""
    own = {"reset_after": False} if cell == "GRU" else {}
    return getattr(keras.layers, cell)(
        units,
        kernel_initializer=keras_initializer(group.kernel_init, seed, "kernel"),
        recurrent_initializer=keras_initializer("orthogonal", seed, "recurrent_kernel"),
        **own,
        **common,
    )
