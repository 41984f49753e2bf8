"""Segments: pieces of one length that trials are cut into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.data.split import Split


class Segments(NamedTuple):
    """Where segments lie.

    Attributes:
        trial: Position of each segment's trial in the split, `(S,)`.
        start: Its first bin, `(S,)`.
    """

    trial: np.ndarray
    start: np.ndarray


def segment_counts(split: Split, length: int, shift: int) -> np.ndarray:
    """Returns how many segments each trial has, `(B,)`: `(bins - length) // shift + 1`; 1 for shorter trials."""
    return np.maximum(_bins(split) - length, 0) // shift + 1


def regular_segments(split: Split, length: int, shift: int) -> Segments:
    """Returns segments that start every `shift` bins, as many as fit."""
    counts = segment_counts(split, length, shift)
    starts = [np.arange(count) * shift for count in counts]
    return Segments(np.repeat(np.arange(split.n_trials), counts), np.concatenate(starts))


def random_segments(split: Split, length: int, shift: int, rng: np.random.Generator) -> Segments:
    """Returns as many segments of each trial as `regular_segments`, each starting anywhere in it."""
    counts = segment_counts(split, length, shift)
    trial = np.repeat(np.arange(split.n_trials), counts)
    room = np.maximum(_bins(split) - length, 0)[trial]
    return Segments(trial, rng.integers(0, room + 1))


def long_enough(arrays: dict[str, np.ndarray], length: int) -> dict[str, np.ndarray]:
    """Returns arrays by Batch key that have at least `length` bins: zeros at the end, and a mask that says so."""
    n_bins = arrays["x"].shape[1]
    if n_bins >= length:
        return arrays
    arrays = {"mask": np.ones_like(arrays["x"]), **arrays}
    room = (0, length - n_bins)
    return {
        key: np.pad(value, [(0, 0), room, *[(0, 0)] * (value.ndim - 2)]) if value.ndim > 1 else value
        for key, value in arrays.items()
    }


def cut_segments(arrays: dict[str, np.ndarray], segments: Segments, length: int) -> dict[str, np.ndarray]:
    """Returns the arrays of segments, `(S, length, ...)`; what has no bins is repeated.

    Args:
        arrays: By Batch key, at least `length` bins long.
        segments: Which.
        length: Bins of a segment.
    """
    bins = segments.start[:, None] + np.arange(length)
    return {
        key: value[segments.trial[:, None], bins] if value.ndim > 1 else value[segments.trial]
        for key, value in arrays.items()
    }


def _bins(split: Split) -> np.ndarray:
    return np.full(split.n_trials, split.n_bins) if split.lengths is None else split.lengths
