"""Reads one animal of the lab's HDF5 files (Atanas et al. 2023), before its neurons are identified."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from indl_vae.data.hdf5_safety import link_names, open_hdf5, refuse_foreign_content, safe_dataset, translated
from indl_vae.data.worms.frame_ranges import segments_from_ranges
from indl_vae.data.worms.orientation import time_first
from indl_vae.data.worms.recording import WormRecording
from indl_vae.errors import ConfigError, DataError

#: Names of the files end in this; what is before it is the uid.
SUFFIX = "-data.h5"
#: Arrays of activity: scaled per neuron over the recording; ratio; over its 20th percentile; over its mean.
TRACES = ("trace_array", "trace_array_original", "traces_array_F_F20", "traces_array_F_Fmean")
_TIME = "timing/timestamp_confocal"


def read_lab_file(path: str | os.PathLike[str], trace: str, behaviors: Sequence[str]) -> WormRecording:
    """Reads `<uid>-data.h5`.

    Args:
        path: The file.
        trace: Which array of activity, one of `TRACES`.
        behaviors: The lab's names of behaviours; one that is missing in the file is NaN, and so masked.

    Returns:
        The animal with no neuron identified; its extras hold `time` in seconds, `(T,)`.

    Raises:
        ConfigError: There is no such array of activity.
        DataError: The file is missing, cut short or not of this form, or its arrays do not fit together.
    """
    if trace not in TRACES:
        raise ConfigError(f"trace: {trace!r}, expected one of {', '.join(TRACES)}.")
    path = Path(path)
    with open_hdf5(path) as handle:
        refuse_foreign_content(handle, path)
        time = _needed(handle, _TIME, path).reshape(-1).astype(np.float64)
        x = time_first(_needed(handle, f"gcamp/{trace}", path), len(time), None, f"{path}: gcamp/{trace}", False)
        columns = [_behavior(handle, name, len(time), path) for name in behaviors]
        ranges = _read(handle, "gcamp/idx_splits", path)
    segments = None if ranges is None else segments_from_ranges(ranges, len(time), f"{path}: gcamp/idx_splits")
    uid, nobody = path.name.removesuffix(SUFFIX), np.zeros(x.shape[1], np.int64)
    dt, extras = _frame_seconds(time, path), {"time": time}
    try:
        return WormRecording(uid, x, np.stack(columns, 1), nobody, segments=segments, dt=dt, extras=extras)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _read(handle: h5py.File, key: str, path: Path) -> np.ndarray | None:
    if key not in handle:
        return None
    item = safe_dataset(handle, key, path)
    with translated(path, key):
        return np.asarray(item[()])


def _needed(handle: h5py.File, key: str, path: Path) -> np.ndarray:
    found = _read(handle, key, path)
    if found is None:
        group = key.split("/")[0]
        inside = ", ".join(link_names(handle[group])) if isinstance(handle.get(group), h5py.Group) else "no such group"
        raise DataError(f"{path}: has no {key} ({group}: {inside}); expected a file of the lab, <uid>{SUFFIX}.")
    return found


def _behavior(handle: h5py.File, name: str, n_frames: int, path: Path) -> np.ndarray:
    found = _read(handle, f"behavior/{name}", path)
    if found is None:
        return np.full(n_frames, np.nan)
    if found.size != n_frames:
        raise DataError(
            f"{path}: behavior/{name}: has {found.size} values, expected one for each of {n_frames} frames."
        )
    return found.reshape(-1).astype(np.float64)


def _frame_seconds(time: np.ndarray, path: Path) -> float | None:
    steps = np.diff(time[np.isfinite(time)])
    if not len(steps):
        return None
    # The median, since recordings may pause between segments.
    typical = float(np.median(steps))
    if typical <= 0:
        raise DataError(f"{path}: {_TIME}: does not rise, expected the seconds of each frame.")
    return typical
