"""Windows joined to a whole recording. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.errors import ConfigError, DataError


def covering_starts(start: int, stop: int, window: int, stride: int) -> np.ndarray:
    """Returns first frames of windows that cover frames `start` to `stop`, the last one shifted back to end with them.

    Args:
        start: First frame.
        stop: The frame after the last.
        window: Frames of a window, at most `stop - start`.
        stride: Frames from window to window.

    Raises:
        ConfigError: Windows would leave frames out, or do not fit.
    """
    if not 1 <= window <= stop - start:
        raise ConfigError(f"window_T: expected 1 to {stop - start} frames, got {window}; take a smaller window.")
    if not 1 <= stride <= window:
        raise ConfigError(
            f"stride: expected 1 to {window} frames, the length of a window, got {stride}; frames between windows "
            "would be left out."
        )
    last = stop - window
    found = np.arange(start, last + 1, stride)
    return found if found[-1] == last else np.append(found, last)


def join_windows(windows: np.ndarray, starts: Sequence[int] | np.ndarray, n_frames: int) -> np.ndarray:
    """Returns the mean over windows of each frame, `(T, K)` float64, by Hann weights; NaN where there is no window.

    The weights are taken in the middle of frames, so that none is 0: the ends of a recording, which one window alone
    covers, keep what it says.

    Args:
        windows: `(W, L, K)`.
        starts: First frame of each window, `(W,)`.
        n_frames: Number of frames T.

    Raises:
        DataError: A window does not lie within the frames, or there are not as many starts as windows.
    """
    starts = np.asarray(starts, int)
    length = windows.shape[1]
    if len(starts) != len(windows) or (starts < 0).any() or (starts + length > n_frames).any():
        raise DataError(
            f"starts: expected {len(windows)} numbers from 0 to {n_frames - length}, got {len(starts)}: "
            f"{starts[:10].tolist()}; every window has to lie within the {n_frames} frames."
        )
    weight = np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
    total, weights = np.zeros((n_frames, windows.shape[2])), np.zeros((n_frames, 1))
    for start, window in zip(starts, windows, strict=True):
        total[start : start + length] += weight[:, None] * window
        weights[start : start + length, 0] += weight
    return np.where(weights > 0, total / np.where(weights > 0, weights, 1.0), np.nan)
