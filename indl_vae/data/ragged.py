"""Trials of different lengths as one padded array, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.errors import DataError


def pad_trials(
    trials: Sequence[np.ndarray], n_bins: int | None = None, fill: float = 0.0, place: str = "trials"
) -> tuple[np.ndarray, np.ndarray]:
    """Pads trials at their ends to one length.

    Args:
        trials: Arrays `(T_i, N)` with the same N.
        n_bins: Length to pad to; None takes the longest trial's.
        fill: Value of the padding.
        place: Name of the argument, for messages.

    Returns:
        `(padded, lengths)`: `(B, T, N)` and int64 `(B,)`.

    Raises:
        DataError: There is no trial, one is not `(T_i, N)`, is empty, too long, or has another number of channels.
    """
    arrays = [np.asarray(trial) for trial in trials]
    if not arrays:
        raise DataError(f"{place}: no trials; expected at least one array (bins, channels).")
    for i, array in enumerate(arrays):
        if array.ndim != 2 or array.dtype.kind not in "biuf":
            raise DataError(
                f"{place}: trial {i} has shape {array.shape} and type {array.dtype}, expected numbers (bins, channels)."
            )
        if array.shape[1] != arrays[0].shape[1]:
            raise DataError(
                f"{place}: trial {i} has {array.shape[1]} channels, trial 0 has {arrays[0].shape[1]}; make them equal."
            )
        if array.shape[0] == 0:
            raise DataError(f"{place}: trial {i} has no bins; leave it out.")
    lengths = np.array([len(array) for array in arrays], np.int64)
    longest = int(lengths.max())
    if n_bins is not None and longest > n_bins:
        raise DataError(
            f"{place}: trial {int(lengths.argmax())} has {longest} bins, more than n_bins {n_bins}; cut it."
        )
    dtype = np.result_type(*arrays, np.float32) if fill else np.result_type(*arrays)
    padded = np.full((len(arrays), n_bins or longest, arrays[0].shape[1]), fill, dtype)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    return padded, lengths


def unpad_trials(padded: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Returns the trials `(T_i, ...)` of a padded array `(B, T, ...)`; the inverse of `pad_trials`."""
    return [row[: int(length)].copy() for row, length in zip(padded, lengths, strict=True)]


def length_mask(lengths: np.ndarray, n_bins: int) -> np.ndarray:
    """Returns `(B, T)` booleans: True inside each trial, False in its padding."""
    return np.arange(n_bins)[None, :] < np.asarray(lengths)[:, None]
