"""Channels shifted in time as a whole."""

from __future__ import annotations

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class TemporalShift(Seeded, keras.layers.Layer):
    """Shifts each channel of each trial by an own number of bins; the values at the ends are repeated.

    The shift is a normal draw, rounded to whole bins and limited to `max_shift` (lfads-torch). Arrays that are given
    together are shifted together.

    Args:
        std: Standard deviation of the draw in bins; 0 shifts nothing.
        max_shift: Largest shift in bins.
        seed: Of the shifts.

    Call arguments:
        arrays: One array `(B, T, N)`, or a list of them.

    Returns:
        The same with every channel shifted; outside of training unchanged.

    Raises:
        ConfigError: An option is negative.
    """

    def __init__(self, std: float = 3.0, max_shift: int = 6, seed: int | None = None, **kwargs) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})  # counts above 256 are not exact in half precision
        for name, value in (("std", std), ("max_shift", max_shift)):
            if value < 0:
                raise ConfigError(f"{name} of TemporalShift: expected a number of bins >= 0, got {value!r}.")
        self.std, self.max_shift, self.seed = float(std), int(max_shift), seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, arrays, training=False):
        if not training or not self.std:
            return arrays
        several = isinstance(arrays, (list, tuple))
        first = arrays[0] if several else arrays
        source = self._source(*tf.unstack(tf.shape(first)))
        shifted = [self._take(array, source) for array in (arrays if several else [arrays])]
        return shifted if several else shifted[0]

    def _source(self, trials, bins, channels) -> tf.Tensor:
        """Returns the bin `(B, N, T)` from which each value comes."""
        drawn = tf.round(self.std * random.normal((trials, channels), self.generator))
        shifts = tf.cast(tf.clip_by_value(drawn, -self.max_shift, self.max_shift), tf.int32)
        return tf.clip_by_value(tf.range(bins)[None, None] - shifts[..., None], 0, bins - 1)

    @staticmethod
    def _take(array: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
        rows = tf.transpose(array, (0, 2, 1))
        taken = tf.transpose(tf.gather(rows, source, axis=2, batch_dims=2), (0, 2, 1))
        return tf.ensure_shape(taken, array.shape)

    def compute_output_spec(self, arrays, training=False):
        return keras.tree.map_structure(lambda a: keras.KerasTensor(a.shape, dtype=self.compute_dtype), arrays)

    def get_config(self) -> dict:
        return {**super().get_config(), "std": self.std, "max_shift": self.max_shift, "seed": self.seed}
