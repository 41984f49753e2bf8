"""Reads the HDF5 file of several animals that CeNeuroVAE reads.

`/B_norm_divisor` (Tb,), `/label_name` (n,) text, and for each animal `/data/<uid>/X` (N, T), `B` (Tb, T), `I` (N,) and
perhaps a mask `M` (N, T). Files of this library hold more: `behavior_name`, and for an animal `segments` (k, 2) and
`dt`; whatever else is numeric in an animal's group is kept in `extras`.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import h5py
import numpy as np

from indl_vae.data.hdf5_safety import (
    link_names,
    open_hdf5,
    refuse_foreign_content,
    safe_dataset,
    safe_strings,
    translated,
)
from indl_vae.data.worms.label_list import labels_with_unknown
from indl_vae.data.worms.orientation import time_first
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import DataError

_OPTIONAL = ("M", "segments", "dt")
_KNOWN = frozenset({"X", "B", "I", *_OPTIONAL})
_NEEDED = ("B_norm_divisor", "label_name", "data")


def load_worms(path: str | os.PathLike[str]) -> WormSet:
    """Reads a file of several animals.

    Matrices may be stored either way round; the length of `I` says which axis of `X` is neurons, and the axis of `B`
    that both share is time. Where there are as many neurons as frames, `X` is taken the way `B` is.

    Args:
        path: The file.

    Returns:
        The animals in the order of their names, behaviours in their own units.

    Raises:
        DataError: The file is missing, cut short or not of this form, or its arrays do not fit together.
    """
    path = Path(path)
    with open_hdf5(path) as handle:
        refuse_foreign_content(handle, path)
        _check_form(handle, path)
        divisor = _read(handle, "B_norm_divisor", path).reshape(-1)
        with translated(path, "data"):
            animals = link_names(handle["data"])
        recordings = [_recording(handle, uid, len(divisor), path) for uid in animals]
        names = safe_strings(handle, "label_name", path)
        behaviors = safe_strings(handle, "behavior_name", path) if "behavior_name" in handle else None
    highest = max((int(recording.identity.max()) for recording in recordings), default=0)
    labels = labels_with_unknown(names, highest, f"{path}: label_name")
    _warn_of_repeated(recordings, labels, path)
    try:
        return WormSet.of(recordings, labels, behaviors, divisor)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _warn_of_repeated(recordings: list[WormRecording], labels: tuple[str, ...], path: Path) -> None:
    """Names the animals in which an identity stands for several neurons, which a model cannot tell apart."""
    for recording in recordings:
        numbers, counts = np.unique(recording.identity[recording.identity > 0], return_counts=True)
        if (counts > 1).any():
            twice = ", ".join(labels[number] for number in numbers[counts > 1])
            warnings.warn(
                f"{path}: {recording.uid}: several neurons are labelled {twice}; they are kept, and a model takes them "
                "for one and the same. Set I to 0 for those that are not certain.",
                UserWarning,
                stacklevel=3,
            )


def _check_form(handle: h5py.File, path: Path) -> None:
    missing = [key for key in _NEEDED if key not in handle]
    if missing or not isinstance(handle["data"], h5py.Group):
        found = ", ".join(link_names(handle)) or "nothing"
        raise DataError(
            f"{path}: has {found}, expected {', '.join(_NEEDED)} (a group of animals); a folder of the lab's files, "
            "one for each animal, is read by load_lab_worms."
        )


def _read(handle: h5py.File, key: str, path: Path) -> np.ndarray:
    item = safe_dataset(handle, key, path)
    with translated(path, key):
        return np.asarray(item[()])


def _recording(handle: h5py.File, uid: str, n_behaviors: int, path: Path) -> WormRecording:
    base = f"data/{uid}"
    with translated(path, base):
        group = handle[base]
        keys = set(link_names(group)) if isinstance(group, h5py.Group) else set()
        missing = [key for key in ("X", "B", "I") if key not in keys]
        if missing:
            raise DataError(f"{path}: {base}: has no {', '.join(missing)}, expected X, B and I of an animal.")
        extras = sorted(key for key in keys - _KNOWN if _is_numeric(group[key]))
    x, behavior, identity = (_read(handle, f"{base}/{key}", path) for key in ("X", "B", "I"))
    x, behavior, turned = _oriented(x, behavior, identity.size, n_behaviors, f"{path}: {base}")
    mask, segments, dt = (_read(handle, f"{base}/{key}", path) if key in keys else None for key in _OPTIONAL)
    if mask is not None:
        mask = time_first(mask, *x.shape, f"{path}: {base}/M", turned)
    if segments is not None:
        segments = _pairs(segments, f"{path}: {base}/segments")
    if dt is not None and dt.size != 1:
        raise DataError(f"{path}: {base}/dt: has {dt.size} numbers, expected one, in seconds.")
    seconds = None if dt is None else float(dt.reshape(()))
    kept = {key: _read(handle, f"{base}/{key}", path) for key in extras}
    try:
        return WormRecording(uid, x, behavior, identity.reshape(-1), mask, None, segments, seconds, kept)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _pairs(array: np.ndarray, place: str) -> np.ndarray:
    if array.size % 2 or (array.ndim == 2 and array.shape[1] != 2):
        raise DataError(f"{place}: has shape {array.shape}, expected first frames and ends (k, 2), counted from 0.")
    return array.reshape(-1, 2)


def _is_numeric(item: h5py.Dataset | h5py.Group) -> bool:
    return isinstance(item, h5py.Dataset) and item.dtype.kind in "biuf"


def _oriented(
    x: np.ndarray, behavior: np.ndarray, n_neurons: int, n_behaviors: int, place: str
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Returns x `(T, N)`, behaviour `(T, Tb)`, and whether time was the last axis."""
    if x.ndim != 2 or n_neurons not in x.shape:
        raise DataError(f"{place}/X: has shape {x.shape}, expected one axis of {n_neurons} neurons, the length of I.")
    n_frames = x.shape[1] if x.shape[0] == n_neurons else x.shape[0]
    square = x.shape == (n_frames, n_frames)
    turned = behavior.shape == (n_behaviors, n_frames) if square else x.shape == (n_neurons, n_frames)
    behavior = time_first(behavior, n_frames, n_behaviors, f"{place}/B", time_last=turned)
    return (x.T if turned else x), behavior, turned
