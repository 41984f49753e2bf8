"""How many segments the training data have of each sequence, for models that hold a mean of each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.segments import segment_counts
from indl_vae.data.sequences import rows_of
from indl_vae.data.split import Split
from indl_vae.layers import SequenceMeans
from indl_vae.params import SegmentsGroup, narrow


def count_segments(core: keras.Model, params: Any, dataset: Dataset) -> None:
    """Tells a core's table of means, if it has one with a row for every training sequence, their numbers of segments.

    Args:
        core: The wired model.
        params: Reads `segment_length`, `segment_shift`.
        dataset: The data to train on.
    """
    tables = [layer for layer in core.layers if isinstance(layer, SequenceMeans)]
    if not tables or dataset.train is None:
        return
    counts = segments_of_sequences(dataset.train, narrow(SegmentsGroup, params))
    for table in tables:
        if len(counts) == table.rows:
            table.sizes.assign(counts)


def segments_of_sequences(split: Split, group: SegmentsGroup) -> np.ndarray:
    """Returns the number of segments that each training sequence has, by its number."""
    counts = segment_counts(split, group.segment_length, group.segment_shift)
    return np.bincount(rows_of(split), weights=counts)
