"""The Keras inputs that every family's core starts from."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.errors import ConfigError
from indl_vae.params import InputsGroup, Params, SessionsGroup, narrow
from indl_vae.typing import DataSpec, Sessions


def make_inputs(spec: DataSpec, of_sequences: bool = False, of_neurons: bool = False) -> dict[str, Any]:
    """Returns Keras inputs by Batch key: x `(B, T, N)`, optional mask and visible, and what else the data have.

    These are ext_input `(B, T, U)`, and session `(B,)` where sessions have channels of their own. The number of bins is
    left open, so that a trained model takes trials of any length.

    Args:
        spec: Of the data.
        of_sequences: Whether the optional input sequence `(B,)`, the number of each trial's sequence, is wanted.
        of_neurons: Whether the optional input identity `(B, N)`, the number of each channel's identity, is wanted.
    """
    shape = (None, spec.n_channels)
    inputs = {
        "x": keras.Input(shape, name="x"),
        "mask": keras.Input(shape, name="mask", optional=True),
        "visible": keras.Input(shape, name="visible", optional=True),
    }
    if of_sequences:
        inputs["sequence"] = keras.Input((), name="sequence", optional=True)
    if of_neurons:
        inputs["identity"] = keras.Input((spec.n_channels,), name="identity", optional=True)
    if spec.ext_input_dim:
        inputs["ext_input"] = keras.Input((None, spec.ext_input_dim), name="ext_input")
    if spec.sessions:
        inputs["session"] = keras.Input((), name="session")
    return inputs


def sessions_of(params: Params, spec: DataSpec, inputs: dict[str, Any], width: int) -> Sessions | None:
    """Returns the sessions of the data, for builders; None for one session without a matrix to align it.

    Args:
        params: Reads `alignment`, `input_factors`.
        spec: Of the data.
        inputs: Of `make_inputs`.
        width: Of the read-in, where neither the parameters nor the matrices of the data files say another.

    Raises:
        ConfigError: The sessions' matrices have different widths.
    """
    group = narrow(SessionsGroup, params)
    if not spec.sessions or (len(spec.sessions) == 1 and group.alignment == "random"):
        return None
    aligned = {one.aligned for one in spec.sessions} - {0} if group.alignment == "file" else set()
    if len(aligned) > 1:
        raise ConfigError(
            f"alignment: the sessions' matrices lead to spaces of {sorted(aligned)} dimensions, expected one. Set "
            "alignment = 'pcr' or 'random' to do without them."
        )
    read_in = aligned.pop() if aligned else narrow(InputsGroup, params).input_factors or width
    return Sessions(spec.sessions, inputs["session"], read_in)
