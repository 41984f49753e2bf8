"""What FHVAE is trained on: segments, of all sequences or of some drawn anew for every pass (Hsu & Glass 2018)."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from indl_vae.data.segments import Segments, cut_segments, long_enough, random_segments, regular_segments
from indl_vae.data.sequences import rows_of
from indl_vae.data.split import Split
from indl_vae.data.visible import visible_mask
from indl_vae.families.fhvae.sequence_pass import SequencePass
from indl_vae.layers import SequenceMeans
from indl_vae.models.count_segments import segments_of_sequences
from indl_vae.numerics import derive_seed
from indl_vae.params import Params, SegmentsGroup, narrow

Arrays = dict[str, np.ndarray]


class SegmentFeed:
    """Cuts a training split into segments; their order and starts are a function of seed and epoch.

    Args:
        encoders: Model from Batch keys to f, z and which segments count.
        means: The table of means. With a row for every sequence all are in every pass; else a `SequencePass` draws.
        params: Reads `seed` and the settings of segments.
    """

    def __init__(self, encoders: keras.Model, means: SequenceMeans, params: Params) -> None:
        self._encoders, self._means = encoders, means
        self._group, self._seed = narrow(SegmentsGroup, params), derive_seed(params.seed, "segments")
        self.chosen: np.ndarray | None = None

    def training_batches(self, split: Split, settings: Params) -> tf.data.Dataset:
        """Returns batches of segments, dicts of Batch keys with `sequence`; a smaller last batch is left out.

        Args:
            split: The training split.
            settings: Reads `batch_size`, `sv_rate`, `sv_seed`.
        """
        arrays = self._arrays(split, settings)
        sizes = segments_of_sequences(split, self._group)
        whole = settings.batch_size <= sizes.min() * min(self._means.rows, len(sizes))
        with tf.device("/CPU:0"):
            clock = tf.Variable(0, dtype=tf.int64, trainable=False, name="epoch_clock")

        def epoch() -> Iterator[Arrays]:
            segments = self._segments(split, int(clock.numpy()))
            for rows in _batch_rows(len(segments.trial), settings.batch_size, whole):
                yield cut_segments(arrays, Segments(segments.trial[rows], segments.start[rows]), self._length)

        signature = {
            key: self._signature(value, settings.batch_size if whole else None) for key, value in arrays.items()
        }
        batches = tf.data.Dataset.from_generator(epoch, output_signature=signature).prefetch(2)
        if len(sizes) == self._means.rows:
            count = len(list(_batch_rows(int(sizes.sum()), settings.batch_size, whole)))
            batches = batches.apply(tf.data.experimental.assert_cardinality(count))
        batches.clock = clock
        return batches

    def callbacks(self, split: Split) -> list[keras.callbacks.Callback]:
        """Returns the callback that draws the sequences of each pass, where not all are in every one."""
        sizes = segments_of_sequences(split, self._group)
        if len(sizes) <= self._means.rows:
            return []
        return [SequencePass(self, self._encoders, self._means, split, sizes, self._seed)]

    @property
    def _length(self) -> int:
        return int(self._group.segment_length)

    def _arrays(self, split: Split, settings: Params) -> Arrays:
        arrays = {**split.batch(), "sequence": rows_of(split)}
        if settings.sv_rate:
            hidden = (settings.sv_rate, settings.sv_seed)
            arrays["visible"] = visible_mask(split.inds, split.n_bins, split.n_channels, *hidden)
        return long_enough({key: np.asarray(value, np.float32) for key, value in arrays.items()}, self._length)

    def _segments(self, split: Split, epoch: int) -> Segments:
        """Returns the segments of a pass in their order."""
        rng = np.random.default_rng([self._seed, epoch])
        sizes = (self._length, self._group.segment_shift)
        if self._group.random_segments:
            trial, start = random_segments(split, *sizes, rng)
        else:
            trial, start = regular_segments(split, *sizes)
        order = rng.permutation(len(trial))
        if self.chosen is not None:
            order = order[np.isin(rows_of(split)[trial[order]], self.chosen)]
        return Segments(trial[order], start[order])

    def _signature(self, value: np.ndarray, size: int | None) -> tf.TensorSpec:
        shape = (size,) if value.ndim == 1 else (size, self._length, *value.shape[2:])
        return tf.TensorSpec(shape, tf.float32)


def _batch_rows(count: int, size: int, whole: bool) -> Iterator[slice]:
    """Yields the rows of each batch; with `whole` a smaller last one is left out."""
    last = count // size * size if whole else count
    for first in range(0, last, size):
        yield slice(first, min(first + size, count))
