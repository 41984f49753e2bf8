"""Windows of animals with different neurons, as arrays that a network is fed with."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from indl_vae.data.windows import check_window
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import ConfigError, DataError


@dataclass(frozen=True, eq=False)
class WormWindows:
    """Windows of several animals. Animals with fewer neurons are padded by neurons of mask 0 and identity 0.

    Attributes:
        x: Activity `(W, L, N)` float32; 0 where the mask is 0.
        mask: `(W, L, N)` float32, 1 = recorded.
        behavior: In units of the divisors, `(W, L, Tb)` float32; 0 where not measured.
        behavior_mask: `(W, L, Tb)` float32, 1 = measured.
        identity: `(W, N)` int64; 0 = unknown.
        recording: Each window's place in `uids`, `(W,)` int64.
        starts: First frame of each window in its recording, `(W,)` int64.
        uids: Animals that windows are of.
        neurons: By uid, which neurons of the recording the window's first neurons are, `(N_i,)` int64.
    """

    x: np.ndarray
    mask: np.ndarray
    behavior: np.ndarray
    behavior_mask: np.ndarray
    identity: np.ndarray
    recording: np.ndarray
    starts: np.ndarray
    uids: tuple[str, ...]
    neurons: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, indices: np.ndarray | slice = slice(None)) -> dict[str, np.ndarray]:
        """Returns a model's inputs for some windows: x, mask, behavior, behavior_mask, identity."""
        keys = ("x", "mask", "behavior", "behavior_mask", "identity")
        return {key: getattr(self, key)[indices] for key in keys}


def cut_worms(
    worms: WormSet, window_T: int = 200, stride: int = 50, *, ignore_unlabeled: bool = True, keep_tail: bool = True
) -> WormWindows:
    """Cuts every animal into windows that stay within its segments.

    Args:
        worms: The animals.
        window_T: Frames of a window.
        stride: Frames from the start of a window to that of the next.
        ignore_unlabeled: Whether neurons of identity 0 are left out.
        keep_tail: Whether the last window of a segment is moved back so that it ends with the segment. CeNeuroVAE
            loses what is left at the end.

    Returns:
        The windows, animal by animal. Animals, and segments, that make none are named in a warning.

    Raises:
        ConfigError: window_T or stride is below 1.
        DataError: No animal makes a window.
    """
    check_window(window_T, 0)
    if isinstance(stride, bool) or not isinstance(stride, (int, np.integer)) or stride < 1:
        raise ConfigError(f"stride: {stride!r}, expected a number of frames, 1 or more.")
    starts, neurons = {}, {}
    for uid, recording in worms.recordings.items():
        kept = np.flatnonzero(recording.identity > 0) if ignore_unlabeled else np.arange(recording.n_neurons)
        first = _starts(recording, window_T, stride, keep_tail)
        if not len(kept):
            warnings.warn(f"{uid}: no neuron is labelled, left out; ignore_unlabeled=False keeps it.", stacklevel=2)
        elif len(first):
            starts[uid], neurons[uid] = first, kept
    if not starts:
        raise DataError(
            f"window_T: no animal has a labelled neuron and a segment of {window_T} frames; take a smaller window_T, "
            "or ignore_unlabeled=False."
        )
    return _collect(worms, window_T, starts, neurons)


def _starts(recording: WormRecording, window: int, stride: int, keep_tail: bool) -> np.ndarray:
    """Returns first frames of the windows of all segments; warns of segments that are too short."""
    found, short = [], []
    for start, stop in recording.segments:
        last = stop - window
        if last < start:
            short.append(f"{stop - start} ({start} to {stop - 1})")
            continue
        found.append(np.arange(start, last + 1, stride, dtype=np.int64))
        if keep_tail and found[-1][-1] < last:
            found.append(np.array([last], np.int64))
    if short or not recording.segments:
        what = f"segments of {', '.join(short)} frames are" if short else "no segment is left; it is"
        rest = "other segments are kept" if found else "the animal is left out"
        warnings.warn(f"{recording.uid}: {what} too short for a window of {window}; {rest}.", UserWarning, stacklevel=3)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _collect(
    worms: WormSet, window: int, starts: Mapping[str, np.ndarray], neurons: Mapping[str, np.ndarray]
) -> WormWindows:
    uids, most = tuple(starts), max(map(len, neurons.values()))
    first, n = np.concatenate(list(starts.values())), sum(map(len, starts.values()))
    numbers = np.repeat(np.arange(len(uids)), [len(starts[uid]) for uid in uids])
    x, mask = (np.zeros((n, window, most), np.float32) for _ in range(2))
    behavior, measured = (np.zeros((n, window, worms.behavior_dim), np.float32) for _ in range(2))
    identity = np.zeros((n, most), np.int64)
    for number, uid in enumerate(uids):
        recording, kept, rows = worms.recordings[uid], neurons[uid], np.flatnonzero(numbers == number)
        frames = first[rows, None] + np.arange(window)
        x[rows, :, : len(kept)] = recording.x[:, kept][frames]
        mask[rows, :, : len(kept)] = recording.mask[:, kept][frames]
        behavior[rows], measured[rows] = worms.scaled_behavior(uid)[frames], recording.behavior_mask[frames]
        identity[rows, : len(kept)] = recording.identity[kept]
    return WormWindows(x, mask, behavior, measured, identity, numbers, first, uids, dict(neurons))
