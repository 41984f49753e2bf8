"""Encoders of segments: a segment to one vector, from its bins and perhaps another latent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from indl_vae.builders.dense import make_dense
from indl_vae.builders.rnn import is_bidirectional, last_states, make_rnn
from indl_vae.layers import TileOverTime
from indl_vae.params import FEncoderGroup, ImageGroup, ZEncoderGroup, narrow


def create_segment_z_encoder(params: Any, inputs: Any, f_sample: Any, step_mask: Any = None) -> Any:
    """Reads a segment, and the f drawn for it, into one vector: the last states of two recurrent layers side by side.

    Args:
        params: `Params` or a dict in the seed's keys. Reads `z1_rnn_type`, `z1_units`, `z2_rnn_type`, `z2_units` (0 for
            no second layer) and the options of the cells.
        inputs: `(B, L, M)`.
        f_sample: `(B, D)`, shown at every bin.
        step_mask: Optional `(B, L)`, 1 where a bin belongs to the segment.

    Returns:
        `(B, W)`.
    """
    group = narrow(ZEncoderGroup, params)
    hidden = ops.concatenate([inputs, TileOverTime(name="f_to_z1")(f_sample, inputs)], axis=-1)
    layers = [(group.z1_rnn_type, group.z1_units), (group.z2_rnn_type, group.z2_units)]
    last = []
    for i, (rnn_type, units) in enumerate(layer for layer in layers if layer[1]):
        hidden = make_rnn(rnn_type, units, group, f"z_rnn_{i + 1}")(hidden, mask=step_mask)
        last.append(last_states(hidden, is_bidirectional(rnn_type)))
    return ops.concatenate(last, axis=-1) if len(last) > 1 else last[0]


def create_flat_encoder(params: Any, inputs: Any, beside: Any, which: str) -> Any:
    """Reads a whole segment at once by dense layers (the simple FHVAE).

    Args:
        params: `Params` or a dict in the seed's keys. Reads `f_units` or `z1_units` and `z2_units`, `activation`.
        inputs: `(B, L, M)`, L fixed.
        beside: `(B, D)` of another latent, put beside the bins; or None.
        which: "f" or "z".
    """
    group = narrow(ImageGroup, params)
    flat = keras.layers.Reshape((inputs.shape[1] * inputs.shape[2],), name=f"{which}_flat")(inputs)
    hidden = flat if beside is None else ops.concatenate([flat, beside], axis=-1)
    for i, units in enumerate(_units(params, which)):
        hidden = make_dense(units, group.seed, f"{which}_dense_{i}", activation=group.activation)(hidden)
    return hidden


def _units(params: Any, which: str) -> Sequence[int]:
    if which == "f":
        return narrow(FEncoderGroup, params).f_units
    group = narrow(ZEncoderGroup, params)
    return [units for units in (group.z1_units, group.z2_units) if units]
