"""What dendPLRNN is trained on: whole trials, or windows of longer ones; and what acts while training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from indl_vae.data.segments import Segments, cut_segments, long_enough, random_segments, segment_counts
from indl_vae.data.sequences import rows_of
from indl_vae.data.split import Split
from indl_vae.data.visible import visible_mask
from indl_vae.numerics import derive_seed
from indl_vae.params import Params, WindowsGroup, narrow

Arrays = dict[str, np.ndarray]


class DynamicsFeed:
    """Batches of trials, or of windows that start anywhere in them; a function of seed and epoch.

    Args:
        params: Reads `seed`, `seq_len`, `batches_per_epoch`.
        callbacks: Makes what acts while training, of the training split.
    """

    def __init__(self, params: Params, callbacks: Callable[[Split], list[keras.callbacks.Callback]]) -> None:
        self._group, self._seed = narrow(WindowsGroup, params), derive_seed(params.seed, "windows")
        self._callbacks = callbacks

    def callbacks(self, split: Split) -> list[keras.callbacks.Callback]:
        """Returns what has to act while training on the split."""
        return self._callbacks(split)

    def training_batches(self, split: Split, settings: Params) -> tf.data.Dataset:
        """Returns batches, dicts of Batch keys with `sequence` (that of each trial); none is smaller than another.

        Args:
            split: The training split.
            settings: Reads `batch_size`, `sv_rate`, `sv_seed`.
        """
        arrays, length = self._arrays(split, settings), self._length(split)
        size = min(settings.batch_size, int(self._counts(split, length).sum()))
        count = self._group.batches_per_epoch or max(1, int(self._counts(split, length).sum()) // size)
        with tf.device("/CPU:0"):
            clock = tf.Variable(0, dtype=tf.int64, trainable=False, name="epoch_clock")

        def epoch() -> Iterator[Arrays]:
            rng = np.random.default_rng([self._seed, int(clock.numpy())])
            windows = self._windows(split, length, size * count, rng)
            for first in range(0, size * count, size):
                rows = slice(first, first + size)
                yield cut_segments(arrays, Segments(windows.trial[rows], windows.start[rows]), length)

        signature = {
            key: tf.TensorSpec((size,) if value.ndim == 1 else (size, length, *value.shape[2:]), tf.float32)
            for key, value in arrays.items()
        }
        batches = tf.data.Dataset.from_generator(epoch, output_signature=signature).prefetch(2)
        batches = batches.apply(tf.data.experimental.assert_cardinality(count))
        batches.clock = clock
        return batches

    def _length(self, split: Split) -> int:
        return int(self._group.seq_len or split.n_bins)

    def _counts(self, split: Split, length: int) -> np.ndarray:
        return segment_counts(split, length, length)

    def _arrays(self, split: Split, settings: Params) -> Arrays:
        arrays = {**split.batch(), "sequence": rows_of(split)}
        if settings.sv_rate:
            hidden = (settings.sv_rate, settings.sv_seed)
            arrays["visible"] = visible_mask(split.inds, split.n_bins, split.n_channels, *hidden)
        return long_enough({key: np.asarray(value, np.float32) for key, value in arrays.items()}, self._length(split))

    def _windows(self, split: Split, length: int, n: int, rng: np.random.Generator) -> Segments:
        """Returns n windows: passes over the data, each in an order and with starts of its own."""
        trials: list[np.ndarray] = []
        starts: list[np.ndarray] = []
        while sum(map(len, trials)) < n:
            trial, start = random_segments(split, length, length, rng)
            order = rng.permutation(len(trial))
            trials, starts = [*trials, trial[order]], [*starts, start[order]]
        return Segments(np.concatenate(trials)[:n], np.concatenate(starts)[:n])


def few_trials(split: Split, length: int, n: int = 2) -> dict[str, Any]:
    """Returns the first bins of the first trials by Batch key, for estimates while training."""
    batch = split.batch(np.arange(min(n, split.n_trials)))
    cut = {key: np.asarray(value, np.float32) for key, value in batch.items()}
    return {key: tf.constant(value[:, :length] if value.ndim > 1 else value) for key, value in cut.items()}
