"""Dense layers with owned seeds and LFADS's initial weights."""

from __future__ import annotations

from typing import Any

import keras

from indl_vae.numerics import derive_seed


def make_dense(units: int, seed: int, name: str, **kwargs: Any) -> keras.layers.Dense:
    """Returns a Dense layer with weights of standard deviation 1/sqrt(inputs) and bias 0.

    Args:
        units: Width of the output.
        seed: Of the model; the layer's own is derived from it and from its name.
        name: Of the layer.
        **kwargs: Passed on to `keras.layers.Dense`.
    """
    initializer = keras.initializers.LecunNormal(seed=derive_seed(seed, name))
    return keras.layers.Dense(int(units), kernel_initializer=initializer, name=name, **kwargs)
