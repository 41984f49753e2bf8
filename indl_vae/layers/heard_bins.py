"""Bins in which an encoder is heard."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class HeardBins(Seeded, keras.layers.Layer):
    """Draws windows in which an encoder is not heard while training, so that dynamics must carry the latents.

    Masking what an encoder says is what makes the dynamics of a structured posterior predictive (Zhao & Linderman
    2023).

    Args:
        rate: Expected share of bins in windows, in [0, 1).
        window: Length of a window.
        unheard: Bins at the end of a trial in which the encoder is never heard, in training or later.
        seed: Of the windows.

    Call arguments:
        values: `(B, T, D)`: of which the shape is taken.

    Returns:
        `(B, T, 1)`: 1 where the encoder is heard, else 0.

    Raises:
        ConfigError: A number is out of range.
    """

    def __init__(
        self, rate: float = 0.0, window: int = 10, unheard: int = 0, seed: int | None = None, **kwargs
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        if not 0.0 <= rate < 1.0 or window < 1 or unheard < 0:
            raise ConfigError(
                f"HeardBins: expected a rate in [0, 1), a window of at least 1 and unheard bins from 0 up, got {rate}, "
                f"{window} and {unheard}."
            )
        self.rate, self.window, self.unheard, self.seed = float(rate), int(window), int(unheard), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, values, training=False):
        heard = tf.ones_like(values[..., :1])
        if self.unheard:
            n_bins = tf.shape(heard)[1]
            heard = heard * tf.cast(tf.range(n_bins) < n_bins - self.unheard, heard.dtype)[:, None]
        return heard * (1.0 - self._windows(ops.shape(values))) if training and self.rate else heard

    def _windows(self, shape) -> tf.Tensor:
        """Returns 1 in the bins of windows, `(B, T, 1)`; a bin is in one if one began within the last `window` bins."""
        start = 1.0 - (1.0 - self.rate) ** (1.0 / self.window)
        begun = tf.cast(random.uniform((shape[0], shape[1], 1), self.seed_generator) < start, self.compute_dtype)
        total = tf.cumsum(begun, 1)
        before = tf.pad(total, [[0, 0], [self.window, 0], [0, 0]])[:, : tf.shape(total)[1]]
        return tf.cast(total - before > 0.5, self.compute_dtype)

    def compute_output_spec(self, values, training=False):
        return keras.KerasTensor((*values.shape[:2], 1), dtype="float32")

    def get_config(self) -> dict:
        names = ("rate", "window", "unheard", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
