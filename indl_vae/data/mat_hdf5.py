"""Reads .mat files of MATLAB 7.3, which are HDF5: axes are reversed, and cells are lists of references."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from indl_vae.data.hdf5_safety import link_names, open_hdf5, refuse_total, safe_dataset, safe_references, translated
from indl_vae.errors import DataError


def read_mat_hdf5(
    path: Path, wanted: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[dict[str, np.ndarray | list[np.ndarray]], tuple[str, ...]]:
    """Reads arrays of numbers and cells of them.

    Args:
        path: The file.
        wanted: Returns which of the file's keys are read.

    Returns:
        `(found, ignored)`: arrays, and lists of the arrays in cells, by key; and the keys that were not read.

    Raises:
        DataError: The file is damaged, points outside of itself, or holds anything but numbers under a wanted key.
    """
    with open_hdf5(path) as handle:
        with translated(path):
            keys = [key for key in link_names(handle) if not key.startswith("#")]
        names = {key: _names(handle, key, path) for key in wanted(keys)}
        items = {key: [safe_dataset(handle, name, path) for name in found] for key, (found, _) in names.items()}
        every = [item for found in items.values() for item in found]
        refuse_total(sum(math.prod(item.shape) * max(4, item.dtype.itemsize) for item in every), path)
        found = {key: [_read(item, path, key) for item in items[key]] for key in names}
    arrays = {key: found[key] if is_cell else found[key][0] for key, (_, is_cell) in names.items()}
    return arrays, tuple(key for key in keys if key not in names)


def _names(handle: h5py.File, key: str, path: Path) -> tuple[list[str], bool]:
    """Returns where the arrays of a variable lie, and whether it is a cell of them."""
    references = safe_references(handle, key, path)
    if references is None:
        return [key], False
    names = []
    for number, reference in enumerate(references, 1):
        with translated(path, f"{key}{{{number}}}"):
            name = handle[reference].name
        if name is None:
            raise DataError(f"{path}: {key}{{{number}}}: points to nothing in the file; save it again.")
        names.append(name)
    return names, True


def _read(item: h5py.Dataset, path: Path, key: str) -> Any:
    with translated(path, key):
        values = np.asarray(item[()])
        if "MATLAB_empty" in item.attrs:
            return np.zeros([int(size) for size in values.reshape(-1)[:8]]) if 0 in values else np.zeros((0, 0))
        return values.T if "MATLAB_class" in item.attrs else values
