"""Batches for training, as a tf.data.Dataset; the one file of this room that loads TensorFlow."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from indl_vae.data.split import Split
from indl_vae.data.visible import visible_mask
from indl_vae.errors import ConfigError


def make_batches(
    split: Split,
    batch_size: int,
    seed: int = 0,
    shuffle: bool | None = None,
    drop_remainder: bool = False,
    hidden_rate: float = 0.0,
    hidden_seed: int = 0,
) -> tf.data.Dataset:
    """Returns batches of a split whose order is a function of the seed and of the epoch alone.

    The epoch is read from the int64 variable `clock`, an attribute of the returned dataset, each time an iteration
    begins; whoever counts epochs assigns it. A resumed run therefore sees the order that it would have seen.

    Args:
        split: The trials.
        batch_size: Trials in a batch; more than there are means all of them.
        seed: Seed of the order.
        shuffle: Whether to shuffle; None shuffles the split named "train" only.
        drop_remainder: Leave out a smaller last batch, which XLA would compile the step for once more.
        hidden_rate: Share of entries hidden from the encoder: adds the key "visible", fixed for each trial.
        hidden_seed: Seed of the hidden entries.

    Returns:
        A dataset of dicts with the keys of `Split.batch` (and "visible"), float32, of known cardinality.

    Raises:
        ConfigError: The batch size is below 1, or the rate is not in [0, 1).
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size: {batch_size!r}, expected at least 1 trial.")
    shuffle = split.name == "train" if shuffle is None else shuffle
    rows = _rows_of_sessions(split)
    bounds = _bounds([len(one) for one in rows], batch_size, drop_remainder)
    sizes = {last - first for first, last in bounds}
    with tf.device("/CPU:0"):
        tensors = {key: tf.constant(array) for key, array in _arrays(split, hidden_rate, hidden_seed).items()}
        clock = tf.Variable(0, dtype=tf.int64, trainable=False, name="epoch_clock")
        size = sizes.pop() if len(sizes) == 1 else None
        batches = (
            tf.data.Dataset.from_tensors(0)
            .flat_map(_epoch_order(rows, bounds, seed, shuffle, clock))
            .map(lambda chosen: _gathered(tensors, tf.ensure_shape(chosen, [size])))
            .apply(tf.data.experimental.assert_cardinality(len(bounds)))
            .prefetch(2)
        )
    batches.clock = clock
    return batches


def _rows_of_sessions(split: Split) -> list[np.ndarray]:
    """Returns the trials of each session; batches do not mix them."""
    if split.session is None:
        return [np.arange(split.n_trials)]
    return [np.flatnonzero(split.session == number) for number in np.unique(split.session)]


def _bounds(lengths: list[int], batch_size: int, drop_remainder: bool) -> list[tuple[int, int]]:
    """Returns where each batch begins and ends among the trials of all sessions, one session after the other.

    With `drop_remainder` all batches have one size, which the smallest session may limit.
    """
    size = min([batch_size, *lengths]) if drop_remainder else batch_size
    bounds, start = [], 0
    for length in lengths:
        stop = length // size * size if drop_remainder else length
        bounds += [(start + i, start + min(i + size, length)) for i in range(0, stop, size)]
        start += length
    return bounds


def _gathered(tensors: dict[str, tf.Tensor], rows: tf.Tensor) -> dict[str, tf.Tensor]:
    return {key: tf.cast(tf.gather(value, rows), tf.float32) for key, value in tensors.items()}


def _arrays(split: Split, hidden_rate: float, hidden_seed: int) -> dict[str, np.ndarray]:
    arrays = split.batch()
    if hidden_rate != 0.0:
        # Kept as booleans, a quarter of the memory; the map casts what it gathers.
        arrays["visible"] = visible_mask(split.inds, split.n_bins, split.n_channels, hidden_rate, hidden_seed)
    return arrays


def _epoch_order(rows: list[np.ndarray], bounds: list[tuple[int, int]], seed: int, shuffle: bool, clock: tf.Variable):
    """Returns a function that makes the batches of an epoch, each a list of trials.

    Trials are shuffled within their session; where there are several, so are the batches.
    """
    first, last = zip(*bounds, strict=True)

    def order(_: tf.Tensor) -> tf.data.Dataset:
        epoch, parts = clock.read_value(), [tf.constant(one, tf.int64) for one in rows]
        batches = tf.range(len(bounds), dtype=tf.int64)
        if shuffle:
            parts = [_shuffled(part, seed + number, epoch) for number, part in enumerate(parts)]
            batches = batches if len(rows) == 1 else _shuffled(batches, seed + len(rows), epoch)
        trials, begins, ends = tf.concat(parts, 0), tf.constant(first), tf.constant(last)
        return tf.data.Dataset.from_tensor_slices(batches).map(lambda i: trials[begins[i] : ends[i]])

    return order


def _shuffled(values: tf.Tensor, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    return tf.random.experimental.stateless_shuffle(values, seed=tf.stack([tf.constant(seed, tf.int64), epoch]))
