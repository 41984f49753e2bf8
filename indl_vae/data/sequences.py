"""Sequences: trials that belong together, as the segments of one utterance or the trials of one block."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset
    from indl_vae.data.split import Split

UNSEEN = -1


def number_sequences(dataset: Dataset) -> Dataset:
    """Returns a data set whose splits say of each trial which of the training sequences it belongs to.

    Training sequences are numbered from 0 in the order of their session and `*_sequence_id`; trials of others have -1.
    Without `train_sequence_id` nothing is changed.
    """
    if dataset.train is None or "sequence_id" not in dataset.train.extras:
        return dataset
    known = {key: row for row, key in enumerate(sorted(set(_keys(dataset.train))))}
    numbered = {
        name: replace(split, sequence=np.array([known.get(key, UNSEEN) for key in _keys(split)], np.int64))
        for name, split in dataset.splits.items()
        if "sequence_id" in split.extras
    }
    return replace(dataset, **numbered)


def rows_of(split: Split) -> np.ndarray:
    """Returns the number of each training trial's sequence, `(B,)`; without ids every trial is a sequence."""
    return np.arange(split.n_trials) if split.sequence is None else split.sequence


def _keys(split: Split) -> list[tuple[int, int]]:
    sessions = np.zeros(split.n_trials, np.int64) if split.session is None else split.session
    return list(zip(sessions.tolist(), split.extras["sequence_id"].tolist(), strict=True))
