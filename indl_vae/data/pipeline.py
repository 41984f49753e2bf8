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
    n_trials = split.n_trials
    batch_size = min(batch_size, n_trials)
    n_batches = n_trials // batch_size if drop_remainder else -(-n_trials // batch_size)
    with tf.device("/CPU:0"):
        tensors = {key: tf.constant(array) for key, array in _arrays(split, hidden_rate, hidden_seed).items()}
        clock = tf.Variable(0, dtype=tf.int64, trainable=False, name="epoch_clock")
        order = _epoch_order(n_trials, seed, split.name == "train" if shuffle is None else shuffle, clock)
        batches = (
            tf.data.Dataset.from_tensors(0)
            .flat_map(order)
            .batch(batch_size, drop_remainder=drop_remainder)
            .map(lambda rows: {key: tf.cast(tf.gather(value, rows), tf.float32) for key, value in tensors.items()})
            .apply(tf.data.experimental.assert_cardinality(n_batches))
            .prefetch(2)
        )
    batches.clock = clock
    return batches


def _arrays(split: Split, hidden_rate: float, hidden_seed: int) -> dict[str, np.ndarray]:
    arrays = split.batch()
    if hidden_rate != 0.0:
        # Kept as booleans, a quarter of the memory; the map casts what it gathers.
        arrays["visible"] = visible_mask(split.inds, split.n_bins, split.n_channels, hidden_rate, hidden_seed)
    return arrays


def _epoch_order(n_trials: int, seed: int, shuffle: bool, clock: tf.Variable):
    def order(_: tf.Tensor) -> tf.data.Dataset:
        rows = tf.range(n_trials, dtype=tf.int64)
        if shuffle:
            seeds = tf.stack([tf.constant(seed, tf.int64), clock.read_value()])
            rows = tf.random.experimental.stateless_shuffle(rows, seed=seeds)
        return tf.data.Dataset.from_tensor_slices(rows)

    return order
