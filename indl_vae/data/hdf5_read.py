"""Reads one LFADS HDF5 file into raw arrays; what they must be like is checked later."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

from indl_vae.data.hdf5_safety import (
    link_names,
    open_hdf5,
    read_scalar_attribute,
    refuse_total,
    safe_dataset,
    translated,
)
from indl_vae.data.keys import SPLITS, known_keys
from indl_vae.data.session import RawSession


def read_hdf5(path: str | os.PathLike[str], splits: Iterable[str] = SPLITS) -> RawSession:
    """Reads the known keys of an HDF5 file.

    Args:
        path: The file.
        splits: Splits whose arrays are read; those of other splits are passed over.

    Returns:
        The arrays as stored, with the file's SHA-256.

    Raises:
        DataError: The file is missing, damaged, or not safe to read.
    """
    path = Path(path)
    unwanted = tuple(split for split in SPLITS if split not in tuple(splits))
    with open_hdf5(path) as handle:
        with translated(path):
            keys = link_names(handle)
        known = known_keys(keys)
        wanted = [key for key in known if not _belongs_to(key, unwanted)]
        arrays = _read_arrays(handle, wanted, path)
        bin_width_s = read_scalar_attribute(handle, "bin_width_s", path)
    ignored = tuple(key for key in keys if key not in known)
    return RawSession(str(path), arrays, bin_width_s, file_sha256(path), ignored)


def _belongs_to(key: str, splits: tuple[str, ...]) -> bool:
    return any(split in key.split("_") for split in splits)


def _read_arrays(handle: h5py.File, keys: list[str], path: Path) -> dict[str, np.ndarray]:
    datasets = {key: safe_dataset(handle, key, path) for key in keys}
    refuse_total(sum(math.prod(item.shape) * max(4, item.dtype.itemsize) for item in datasets.values()), path)
    arrays = {}
    for key, item in datasets.items():
        with translated(path, key):
            arrays[key] = np.asarray(item[()])
    return arrays


def file_sha256(path: str | os.PathLike[str]) -> str:
    """Returns the SHA-256 of a file's bytes, in hexadecimal."""
    with translated(Path(path)), open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
