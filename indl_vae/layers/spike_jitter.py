"""Spikes moved by a few bins, each by itself."""

from __future__ import annotations

import keras
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers import random
from indl_vae.layers.seeded import Seeded


@keras.saving.register_keras_serializable(package="indl_vae")
class SpikeJitter(Seeded, keras.layers.Layer):
    """Moves every spike of a count array in time, by an own draw, and loses none.

    The displacement is uniform on the whole numbers from `-width` to `width`, or to `width - 1`. A spike that would
    leave the trial is reflected at its first or last bin: -1 becomes 1, T becomes T - 2. One that would leave the
    entries that may exchange spikes, for a missing entry say, stays where it was.

    Args:
        width: Largest displacement in bins, less than T.
        inclusive: Whether `width` itself is a displacement: True in lfads-torch, False in run_lfads.py.
        seed: Of the displacements.

    Call arguments:
        counts: `(B, T, N)`: whole numbers where `movable`.
        movable: Optional `(B, T, N)`; entries that are 0 there keep what they hold.

    Returns:
        `(B, T, N)`; outside of training the counts unchanged.

    Raises:
        ConfigError: `width` is negative, or not less than the number of bins.
    """

    def __init__(self, width: int, inclusive: bool = True, seed: int | None = None, **kwargs) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})  # counts above 256 are not exact in half precision
        if int(width) < 0:
            raise ConfigError(f"width of SpikeJitter: expected a number of bins >= 0, got {width!r}.")
        self.width, self.inclusive, self.seed = int(width), bool(inclusive), seed
        self.generator = keras.random.SeedGenerator(seed)

    @property
    def displacements(self) -> range:
        """The displacements that are drawn, in bins."""
        return range(-self.width, self.width + self.inclusive)

    def call(self, counts, movable=None, training=False):
        if not training or not self.width:
            return counts
        self._check_length(counts)
        if movable is None:
            return self._jitter(counts, tf.ones_like(counts))
        movable = tf.cast(movable > 0, counts.dtype)
        moved = self._jitter(tf.where(movable > 0, counts, tf.zeros_like(counts)), movable)
        return tf.where(movable > 0, moved, counts)

    def _jitter(self, counts: tf.Tensor, movable: tf.Tensor) -> tf.Tensor:
        """Moves the spikes level by level: at level c, one spike of every entry that holds at least c."""
        pads = [[0, 0], [self.width, self.width], [0, 0]]
        targets = tf.pad(movable, pads, mode="REFLECT")
        most, key = tf.reduce_max(counts), random.draw_key(self.generator)

        def level(c: tf.Tensor, moved: tf.Tensor):
            here = tf.cast(counts >= c, counts.dtype)
            return c + 1.0, moved + self._move(here, targets, random.fold(key, c))

        start = (tf.constant(1.0, counts.dtype), tf.pad(tf.zeros_like(counts), pads))
        _, moved = tf.while_loop(lambda c, _: c <= most, level, start)
        return self._reflected(moved)

    def _move(self, spikes: tf.Tensor, targets: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Moves up to one spike of each entry; returns `(B, T + 2 width, N)`, the ends not yet reflected."""
        width, n_bins, moves = self.width, tf.shape(spikes)[1], self.displacements
        drawn = tf.floor(random.uniform(tf.unstack(tf.shape(spikes)), key) * float(len(moves)))
        moved, staying = [], spikes
        for index, by in enumerate(moves):
            gone = spikes * tf.cast(tf.equal(drawn, float(index)), spikes.dtype)
            gone = gone * targets[:, width + by : width + by + n_bins]
            staying = staying - gone
            moved.append(tf.pad(gone, [[0, 0], [width + by, width - by], [0, 0]]))
        return tf.add_n([*moved, tf.pad(staying, [[0, 0], [width, width], [0, 0]])])

    def _reflected(self, moved: tf.Tensor) -> tf.Tensor:
        """Folds what lies beyond the ends back into the trial."""
        width, n_bins = self.width, tf.shape(moved)[1] - 2 * self.width
        early, late = tf.reverse(moved[:, :width], [1]), tf.reverse(moved[:, -width:], [1])
        rest = n_bins - 1 - width
        early = tf.pad(early, [[0, 0], [1, rest], [0, 0]])
        late = tf.pad(late, [[0, 0], [rest, 1], [0, 0]])
        return moved[:, width:-width] + early + late

    def _check_length(self, counts) -> None:
        n_bins = counts.shape[1]
        if n_bins is not None and self.width >= n_bins:
            raise ConfigError(
                f"spike_jitter_width: expected fewer than the {n_bins} bins of a trial, got {self.width}. Lower it."
            )

    def compute_output_shape(self, counts_shape, movable_shape=None):
        return counts_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "width": self.width, "inclusive": self.inclusive, "seed": self.seed}
