"""Hierarchical sampling: the sequences of a pass, and their means as the encoder has them (Hsu & Glass 2018)."""

from __future__ import annotations

from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from indl_vae.data.sequences import rows_of
from indl_vae.data.split import Split
from indl_vae.layers import SequenceMeans

#: Trials that are encoded at once.
_CHUNK = 64


class _Feed(Protocol):
    chosen: np.ndarray | None


class SequencePass(keras.callbacks.Callback):
    """Before each epoch draws as many sequences as the table has rows and fills these with estimates of their means.

    Which ones is a function of seed and epoch; the optimizer keeps what it remembers of the rows.

    Args:
        feed: Is told the numbers of the sequences, as `chosen`.
        encoders: Model from Batch keys to f, z and which segments count.
        means: The table.
        split: The training split.
        sizes: Training segments of each sequence.
        seed: Of the choice.
    """

    def __init__(
        self, feed: _Feed, encoders: keras.Model, means: SequenceMeans, split: Split, sizes: np.ndarray, seed: int
    ) -> None:
        super().__init__()
        self._feed, self._encoders, self._means = feed, encoders, means
        self._split, self._sizes, self._seed = split, sizes, seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rng = np.random.default_rng([self._seed, epoch, 1])
        chosen = np.sort(rng.choice(len(self._sizes), self._means.rows, replace=False))
        self._means.table.assign(estimate_means(self._encoders, self._means, self._split, rows_of(self._split), chosen))
        self._means.members.assign(chosen)
        self._means.sizes.assign(self._sizes[chosen])
        self._feed.chosen = chosen


def estimate_means(
    encoders: keras.Model, means: SequenceMeans, split: Split, sequence: np.ndarray, chosen: np.ndarray
) -> np.ndarray:
    """Returns the most probable means of sequences given the posterior means of f of all their segments.

    Args:
        encoders: Model from Batch keys to f, z and which segments count.
        means: Has the deviations of the model.
        split: The trials.
        sequence: `(B,)`: number of each trial's sequence.
        chosen: `(K,)`: numbers of the sequences wanted, sorted.

    Returns:
        `(K, D)`: `sum of means / (n + given_std^2 / mean_std^2)` of a sequence's n segments, which lie end to end.
    """
    trials = np.flatnonzero(np.isin(sequence, chosen))
    place = np.searchsorted(chosen, sequence[trials])
    totals, counts = np.zeros((len(chosen), means.dim)), np.zeros(len(chosen))
    for first in range(0, len(trials), _CHUNK):
        rows = trials[first : first + _CHUNK]
        f, counted = _encode(encoders, split.batch(rows))
        np.add.at(totals, place[first : first + _CHUNK], np.einsum("bsd,bs->bd", f, counted))
        np.add.at(counts, place[first : first + _CHUNK], counted.sum(1))
    return totals / (counts + (means.given_std / means.mean_std) ** 2)[:, None]


def _encode(encoders: keras.Model, batch: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    given = {name: batch.get(name) for name in encoders.input}
    given |= {"visible": None, "sequence": None}
    if "session" in given and given["session"] is None:
        given["session"] = np.zeros(len(batch["x"]), np.float32)  # of a model of one session
    tensors = {name: None if value is None else tf.constant(value, tf.float32) for name, value in given.items()}
    f, _, counted = encoders(tensors, training=False)
    return f.numpy(), counted.numpy()
