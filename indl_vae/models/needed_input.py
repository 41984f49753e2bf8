"""The external input that a model needs to run by itself."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from indl_vae.errors import ConfigError


def needed_input(ext_input: Any, n_bins: int, width: int) -> tf.Tensor | None:
    """Returns the external input `(n, n_bins, width)` as a tensor; None for a model without one, of width 0.

    Raises:
        ConfigError: It is needed and not given.
    """
    if not width:
        return None
    if ext_input is None:
        raise ConfigError(
            f"ext_input: this model has a measured external input; pass an array (trials, {n_bins}, {width}), zeros "
            "for a run without it."
        )
    return tf.convert_to_tensor(ext_input, tf.float32)
