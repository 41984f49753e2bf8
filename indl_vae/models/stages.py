"""Which parts of a model a stage of training leaves as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

from indl_vae.errors import ConfigError

PARTS = ("inference", "generative")
#: Beginnings of the names that builders give to layers which infer; all others generate.
_INFERENCE = (
    *("read_in", "features", "embedding_", "f_rnn_", "f_dense", "f_loc", "f_scale", "image_conv"),
    *("z_rnn_", "z_dense", "z_conv", "z_smoothing", "z_block", "z_mlp", "z_loc", "z_scale", "z_states"),
)


def freeze(core: keras.Model, frozen: Iterable[str], trained: dict[str, bool]) -> None:
    """Makes the layers of a core trainable, but those that are named.

    Args:
        core: The wired model.
        frozen: "inference", "generative" (all other layers), or beginnings of names of layers.
        trained: What the wiring made trainable, by name of the layer; the rest stays as it is.

    Raises:
        ConfigError: A name is that of no layer with weights.
    """
    weighty = [layer for layer in core.layers if layer.weights]
    left = {name: [layer.name for layer in weighty if _is_meant(layer, name)] for name in frozen}
    unknown = [name for name, layers in left.items() if not layers]
    if unknown:
        names = ", ".join(sorted(layer.name for layer in weighty))
        raise ConfigError(
            f"frozen: {unknown[0]!r} names no part of this model. Expected {', '.join(PARTS)}, or the beginning of the "
            f"name of a layer with weights: {names}."
        )
    still = {name for layers in left.values() for name in layers}
    for layer in weighty:
        wanted = trained[layer.name] and layer.name not in still
        if layer.trainable != wanted:
            layer.trainable = wanted


def _is_meant(layer: Any, name: str) -> bool:
    if name in PARTS:
        return layer.name.startswith(_INFERENCE) == (name == "inference")
    return layer.name.startswith(name)
