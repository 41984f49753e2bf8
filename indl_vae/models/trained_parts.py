"""Training of parts of a model: what the others hold stays as it is."""

from __future__ import annotations

import keras

from indl_vae.params import Params, SessionsGroup, narrow

_IO = ("read_in", "readout")
_F_ENCODER = ("f_rnn_", "f_loc", "f_scale")
_ENCODERS = (*_F_ENCODER, "z_rnn_", "z_dense")


def train_parts(core: keras.Model, params: Params) -> None:
    """Makes those layers of a core trainable that the parameters say are trained.

    Args:
        core: Layers are told by the beginnings of their names, which the builders give.
        params: Reads `train_io_only`, `train_f_encoder_only`, `train_encoders_only`, `train_read_in`.
    """
    group = narrow(SessionsGroup, params)
    chosen = {"train_io_only": _IO, "train_f_encoder_only": _F_ENCODER, "train_encoders_only": _ENCODERS}
    for name, beginnings in chosen.items():
        if group[name]:
            for layer in core.layers:
                layer.trainable = layer.name.startswith(beginnings)
    if not group.train_read_in:
        for layer in core.layers:
            if layer.name == "read_in":
                layer.trainable = False
