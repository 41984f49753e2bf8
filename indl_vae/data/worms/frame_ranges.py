"""Stretches of frames as the lab writes them: counted from 1, the last frame included."""

from __future__ import annotations

import numpy as np

from indl_vae.errors import DataError


def segments_from_ranges(ranges: np.ndarray, n_frames: int, place: str) -> tuple[tuple[int, int], ...]:
    """Returns `(start, stop)` frames counted from 0, stop not included.

    Two ranges make a square that does not say which way round it is. Read one way, the ranges follow one another; read
    the other way they overlap, so the contents decide.

    Args:
        ranges: `(k, 2)` first and last frame of each stretch, or `(2, k)`, as HDF5 files of Julia look from Python.
        n_frames: Number of frames T.
        place: File and key, for messages.

    Raises:
        DataError: Neither way do the ranges follow one another within the recording.
    """
    found = np.asarray(ranges)
    found = found.reshape(1, 2) if found.size == 2 else found
    if found.ndim == 2 and found.dtype.kind in "iuf" and found.size:
        for rows in (found, found.T):
            if rows.shape[1] == 2 and _follow(rows, n_frames):
                return tuple((int(first) - 1, int(last)) for first, last in rows)
    raise DataError(
        f"{place}: {found.tolist()}, expected first and last frames of stretches that follow one another, "
        f"counted from 1 to {n_frames}."
    )


def _follow(rows: np.ndarray, n_frames: int) -> bool:
    inside = rows.min() >= 1 and rows.max() <= n_frames
    return bool(inside and (rows[:, 0] <= rows[:, 1]).all() and (rows[1:, 0] > rows[:-1, 1]).all())
