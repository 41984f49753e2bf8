"""Continuous recordings cut into overlapping windows, and windows merged back into continuous time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indl_vae.data.ragged import length_mask
from indl_vae.errors import ConfigError, DataError


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one or several recordings, and where they come from.

    Attributes:
        x: The values, `(W, window, N)`; 0 behind the end of a recording that is shorter than the window.
        recording: Number of the recording that each window is from, `(W,)` int64, in ascending order.
        starts: First bin of each window in its recording, `(W,)` int64, ascending within a recording.
        lengths: Bins of each window that are of the recording, `(W,)` int64.
        recording_lengths: Bins of each recording, `(R,)` int64.
        single: Whether one array was cut (and is to come back), rather than a list.
    """

    x: np.ndarray
    recording: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    recording_lengths: np.ndarray
    single: bool = True

    @property
    def window(self) -> int:
        """Number of bins of a window."""
        return self.x.shape[1]

    @property
    def mask(self) -> np.ndarray:
        """`(W, window)` float32: 1 = a bin of the recording, 0 = behind its end."""
        return length_mask(self.lengths, self.window).astype(np.float32)

    def cut_alike(self, recording: np.ndarray | Sequence[np.ndarray], fill: float = 0.0) -> np.ndarray:
        """Cuts something else of the same recordings, such as behaviour, at the same places.

        Args:
            recording: As for `cut`, with the same numbers of bins and channels of its own.
            fill: What stands behind the end of a recording that is shorter than the window.

        Returns:
            `(W, window, K)`.

        Raises:
            DataError: The recordings are not as many or not as long as those that were cut.
        """
        parts, _ = as_recordings(recording)
        found = [len(part) for part in parts]
        if found != self.recording_lengths.tolist():
            raise DataError(
                f"recording: has {found} bins, expected {self.recording_lengths.tolist()} as in what was cut before; "
                "give the same recordings."
            )
        return _cut_at(parts, self.recording, self.starts, self.window, fill)


def cut(recording: np.ndarray | Sequence[np.ndarray], window: int, overlap: int) -> Windows:
    """Cuts recordings into windows that overlap; no bin is lost.

    A window starts every `window - overlap` bins. The last one is shifted back so that it ends with the recording, and
    overlaps more with the one before it. A recording shorter than the window makes one window, padded with zeros.

    Args:
        recording: `(T, N)`, or a list of recordings (trials) `(T_i, N)`.
        window: Bins of a window.
        overlap: Bins that a window shares with the next one, 0 to window - 1; above half a window, more than two
            windows overlap.

    Returns:
        The windows; `merge` puts them, or what a model makes of them, back together.

    Raises:
        ConfigError: window or overlap is out of its range.
        DataError: A recording is not `(T, N)`, is empty, or has another number of channels than the first.
    """
    check_window(window, overlap)
    parts, single = as_recordings(recording)
    starts = [window_starts(len(part), window, overlap) for part in parts]
    numbers = np.repeat(np.arange(len(parts)), [len(some) for some in starts])
    sizes = np.array([len(part) for part in parts], np.int64)
    first = np.concatenate(starts)
    lengths = np.minimum(sizes[numbers] - first, window)
    return Windows(_cut_at(parts, numbers, first, window, 0.0), numbers, first, lengths, sizes, single)


def check_window(window: int, overlap: int) -> None:
    """Raises ConfigError where a window has no bins or the overlap is not 0 to window - 1."""
    for name, value, low in (("window", window, 1), ("overlap", overlap, 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
            raise ConfigError(f"{name}: {value!r}, expected a number of bins, {low} or more.")
    if overlap >= window:
        raise ConfigError(f"overlap: {overlap}, expected 0 to {window - 1}, less than the window of {window} bins.")


def window_starts(n_bins: int, window: int, overlap: int) -> np.ndarray:
    """Returns the first bins of the windows of a recording of `n_bins` bins, `(W,)` int64."""
    last = max(n_bins - window, 0)
    return np.append(np.arange(0, last, window - overlap, dtype=np.int64), np.int64(last))


def as_recordings(recording: np.ndarray | Sequence[np.ndarray]) -> tuple[list[np.ndarray], bool]:
    """Returns recordings `(T_i, N)` as a list, and whether a single one was given.

    Raises:
        DataError: A recording is not `(T, N)`, is empty, or has another number of channels than the first.
    """
    single = isinstance(recording, np.ndarray)
    parts = [np.asarray(part) for part in ([recording] if single else recording)]
    if not parts:
        raise DataError("recording: an empty list; expected at least one array (bins, channels).")
    for i, part in enumerate(parts):
        if part.ndim != 2 or part.dtype.kind not in "biuf" or part.size == 0:
            raise DataError(
                f"recording {i}: has shape {part.shape} and type {part.dtype}, expected numbers (bins, channels), at "
                "least one of each; one channel: (bins, 1); trials: a list of arrays."
            )
        if part.shape[1] != parts[0].shape[1]:
            raise DataError(
                f"recording {i}: has {part.shape[1]} channels, recording 0 has {parts[0].shape[1]}; make them equal."
            )
    return parts, single


def _cut_at(parts: list[np.ndarray], numbers: np.ndarray, starts: np.ndarray, window: int, fill: float) -> np.ndarray:
    dtype = np.result_type(*parts, np.float32) if fill else np.result_type(*parts)
    pieces = np.full((len(starts), window, parts[0].shape[1]), fill, dtype)
    for piece, number, start in zip(pieces, numbers, starts, strict=True):
        values = parts[number][start : start + window]
        piece[: len(values)] = values
    return pieces
