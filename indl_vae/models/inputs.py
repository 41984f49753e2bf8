"""The Keras inputs that every family's core starts from."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.typing import DataSpec


def make_inputs(spec: DataSpec) -> dict[str, Any]:
    """Returns Keras inputs by Batch key: x `(B, T, N)`, optional mask and visible, and ext_input where data have one.

    The number of bins is left open, so that a trained model takes trials of any length.
    """
    shape = (None, spec.n_channels)
    inputs = {
        "x": keras.Input(shape, name="x"),
        "mask": keras.Input(shape, name="mask", optional=True),
        "visible": keras.Input(shape, name="visible", optional=True),
    }
    if spec.ext_input_dim:
        inputs["ext_input"] = keras.Input((None, spec.ext_input_dim), name="ext_input")
    return inputs
