"""A data set of one continuous recording: windows to train and to validate on that share no bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.keys import SPLITS
from indl_vae.data.split_trials import session_of_trials, split_trials
from indl_vae.data.windows import Windows, as_recordings, check_window, cut
from indl_vae.errors import ConfigError


@dataclass(frozen=True, eq=False)
class WindowedDataset:
    """A data set whose trials are windows of a recording.

    Attributes:
        dataset: The splits; their `inds` are window numbers.
        windows: Every window, by number: what `merge_posterior` needs.
    """

    dataset: Dataset
    windows: Windows


def dataset_from_recording(
    recording: np.ndarray | Sequence[np.ndarray],
    window: int,
    overlap: int,
    *,
    block: int | None = None,
    gap: int | None = None,
    valid_share: float = 0.2,
    test_share: float = 0.0,
    seed: int = 0,
    behavior: np.ndarray | Sequence[np.ndarray] | None = None,
    ext_input: np.ndarray | Sequence[np.ndarray] | None = None,
    likelihood: str = "poisson",
    missing: str = "error",
    bin_width_s: float | None = None,
) -> WindowedDataset:
    """Makes a data set of continuous recordings.

    A recording is divided into blocks of about equal length, and each block is drawn for one split. Neighbouring blocks
    of one split are joined, and windows are cut within what results, so no bin is in windows of two splits. `gap` bins
    between two splits are in no window, so that what changes slowly does not tell one split of the other.

    Args:
        recording: `(T, N)` counts or values per bin, or a list of recordings.
        window: Bins of a window, the trials of the data set.
        overlap: Bins that neighbouring windows share, 0 to window - 1.
        block: Least number of bins of a block, at least window + 2 gap; None takes a twentieth of the recording, or
            that least length where it is more.
        gap: Bins left out between two splits; None takes half a window.
        valid_share: Share of the blocks to validate on.
        test_share: Share of the blocks to test on.
        seed: Seed of the draw.
        behavior: Behaviour `(T, C)` in each bin (NaN where not measured), or a list.
        ext_input: Measured input `(T, U)` in each bin, or a list.
        likelihood: As for `load_dataset`.
        missing: As for `load_dataset`.
        bin_width_s: Width of a bin in seconds.

    Returns:
        The data set and the windows.

    Raises:
        ConfigError: A setting is out of its range.
        DataError: The recording is too short for the blocks, or does not pass a check of `load_dataset`.
    """
    check_window(window, overlap)
    parts, single = as_recordings(recording)
    gap, block = _gap_and_block(sum(map(len, parts)), window, gap, block)
    stretches = _stretches([len(part) for part in parts], block, gap, (valid_share, test_share, seed))
    windows, role = _cut_stretches(parts, single, stretches, window, overlap)
    fields = {
        "x": windows.x,
        "lengths": None if (windows.lengths == window).all() else windows.lengths,
        "inds": np.arange(len(windows.starts)),
        "behavior": None if behavior is None else windows.cut_alike(behavior, np.nan),
        "ext_input": None if ext_input is None else windows.cut_alike(ext_input),
    }
    rows = {name: np.flatnonzero(role == i) for i, name in enumerate(SPLITS) if (role == i).any()}
    session = session_of_trials(fields, rows, bin_width_s)
    dataset = assemble(session, tuple(rows), likelihood=likelihood, missing=missing, bin_width_s=bin_width_s)
    return WindowedDataset(dataset, windows)


def _gap_and_block(n_bins: int, window: int, gap: int | None, block: int | None) -> tuple[int, int]:
    gap = window // 2 if gap is None else gap
    if gap < 0:
        raise ConfigError(f"gap: {gap!r}, expected a number of bins from 0 up.")
    least = window + 2 * gap
    block = max(least, n_bins // 20) if block is None else block
    if block < least:
        raise ConfigError(
            f"block: {block!r}, expected at least window + 2 gap = {least} bins: a window between two gaps."
        )
    return gap, block


def _stretches(
    sizes: list[int], block: int, gap: int, draw: tuple[float, float, int]
) -> list[tuple[int, int, int, int]]:
    """Returns (recording, first bin, end, split) of stretches of blocks of one split, gaps taken off."""
    edges = [np.linspace(0, size, max(1, size // block) + 1).astype(np.int64) for size in sizes]
    chosen = split_trials(sum(len(some) - 1 for some in edges), *draw)
    role = np.zeros(sum(map(len, chosen.values())), np.int64)
    for i, rows in enumerate(chosen.values()):
        role[rows] = i
    found, first = [], 0
    for number, some in enumerate(edges):
        roles = role[first : first + len(some) - 1]
        first += len(roles)
        changes = np.flatnonzero(np.diff(roles)) + 1
        bounds = [0, *changes.tolist(), len(roles)]
        for low, high in zip(bounds[:-1], bounds[1:], strict=True):
            # Of two neighbours the split that has more gives up the gap: training, then validation.
            start = some[low] + gap * (low > 0 and roles[low] < roles[low - 1])
            end = some[high] - gap * (high < len(roles) and roles[low] < roles[high])
            found.append((number, int(start), int(end), int(roles[low])))
    return found


def _cut_stretches(
    parts: list[np.ndarray], single: bool, stretches: list[tuple[int, int, int, int]], window: int, overlap: int
) -> tuple[Windows, np.ndarray]:
    """Returns the windows of all stretches, placed in their recordings, and the split of each."""
    pieces = cut([parts[number][start:end] for number, start, end, _ in stretches], window, overlap)
    number, start, _, role = np.array(stretches, np.int64).T
    sizes = np.array([len(part) for part in parts], np.int64)
    placed = pieces.starts + start[pieces.recording]
    windows = Windows(pieces.x, number[pieces.recording], placed, pieces.lengths, sizes, single)
    return windows, role[pieces.recording]
