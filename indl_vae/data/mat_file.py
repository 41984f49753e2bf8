"""Reads a .mat file of MATLAB: trials in cells or arrays, or arrays under the library's own keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from indl_vae.data.hdf5_read import file_sha256
from indl_vae.data.hdf5_safety import translated
from indl_vae.data.keys import ALIGNMENT_KEYS, FIELDS, SPLITS, known_keys
from indl_vae.data.mat5_file import read_mat5
from indl_vae.data.mat_hdf5 import read_mat_hdf5
from indl_vae.data.region_trials import as_region_trials
from indl_vae.data.session import RawSession
from indl_vae.errors import DataError

_WIDTH = "bin_width_s"


def read_mat(path: Path) -> RawSession:
    """Reads the known keys of a .mat file of version 5 to 7.3; a number under `bin_width_s` is the bin width.

    Args:
        path: The file. ys and us are cells of trials `(T_i, N)`, or arrays.

    Returns:
        The arrays, cells as their trials one after the other with `lengths`, and the file's SHA-256.

    Raises:
        DataError: The file is missing, damaged, of an older version, or holds anything but numbers under a known key.
    """
    found, ignored = _read(path)
    width = found.pop(_WIDTH, None)
    if width is not None and (isinstance(width, list) or width.size != 1):
        raise DataError(f"{path}: {_WIDTH}: expected one number of seconds, got an array; correct it.")
    arrays = {key: _as_stored(key, value) for key, value in _join_cells(found, path).items()}
    number = None if width is None else float(width.reshape(()))
    return RawSession(str(path), arrays, number, file_sha256(path), ignored)


def _wanted(keys: Sequence[str]) -> tuple[str, ...]:
    return (*known_keys(keys), *(key for key in keys if key == _WIDTH))


def _read(path: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Returns arrays, and lists of those in cells, by variable; and what was not read."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected a .mat file, check the path.")
    with translated(path):
        if h5py.is_hdf5(path):
            return read_mat_hdf5(path, _wanted)
        with open(path, "rb") as handle:
            header = handle.read(128)
    if header[126:] not in (b"IM", b"MI"):
        raise DataError(
            f"{path}: is no .mat file of version 5 or later; save it again in MATLAB by save(..., '-v7') or '-v7.3'."
        )
    return read_mat5(path, _wanted)


def _join_cells(found: dict[str, Any], path: Path) -> dict[str, np.ndarray]:
    """Returns arrays alone: the trials of cells one after the other, and their lengths."""
    cells = [key for key, value in found.items() if isinstance(value, list)]
    other = [key for key in cells if key not in ("ys", "us")]
    if other:
        raise DataError(f"{path}: {other[0]}: is a cell, expected an array; cells are for ys and us.")
    us = found.get("us")
    us = None if us is None or len(us) == 0 else list(us)
    if not cells or "ys" not in found:
        return {key: value for key, value in found.items() if not isinstance(value, list)}
    trials = as_region_trials(list(found["ys"]), us, place=str(path))
    joined = {"ys": np.concatenate(trials.ys), "lengths": np.array([len(trial) for trial in trials.ys])}
    if trials.us is not None:
        joined["us"] = np.concatenate(trials.us)
    return {key: value for key, value in found.items() if key not in ("ys", "us")} | joined


def _as_stored(key: str, array: np.ndarray) -> np.ndarray:
    """Returns an array with the axes it had: MATLAB writes vectors as matrices, and no last axis of length 1."""
    ranks = _RANKS.get(key, ())
    if array.ndim == 2 and ranks == (1,) and 1 in array.shape:
        return array.reshape(-1)
    return array[:, :, None] if array.ndim == 2 and ranks == (3,) else array


#: Numbers of axes that each key may have.
_RANKS = {
    template.format(split): field.ranks for field in FIELDS.values() for template in field.templates for split in SPLITS
} | {key: (rank,) for key, rank in ALIGNMENT_KEYS.items()}
