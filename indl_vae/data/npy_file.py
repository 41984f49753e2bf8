"""Reads arrays in numpy's own format, whose headers are looked at first: no object is unpickled, no size believed."""

from __future__ import annotations

import math
import tokenize
from pathlib import Path
from typing import IO

import numpy as np

from indl_vae.data.hdf5_safety import refuse_total
from indl_vae.errors import DataError

_READ_HEADER = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
#: What numpy raises for headers and bytes that are not what it wrote.
_FAULTS = (OSError, ValueError, TypeError, EOFError, MemoryError, OverflowError, SyntaxError, tokenize.TokenError)


def read_npy(path: Path) -> np.ndarray:
    """Reads a .npy file of numbers.

    Args:
        path: The file.

    Returns:
        The array as stored.

    Raises:
        DataError: There is no such file, it is damaged or cut short, or holds Python objects, complex numbers or text.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected a .npy file, check the path.")
    try:
        with open(path, "rb") as handle:
            return read_numbers(handle, path.stat().st_size, path)
    except OSError as error:
        raise DataError(f"{path}: cannot be opened ({error}); check its rights.") from error


def read_numbers(handle: IO[bytes], n_bytes: int, path: Path, key: str = "") -> np.ndarray:
    """Reads an array of numbers in the .npy format.

    Args:
        handle: What to read from, at its begin; must be able to go back there.
        n_bytes: Bytes that there are.
        path: The file, for messages.
        key: The array's name in an .npz file.

    Raises:
        DataError: As `read_npy`.
    """
    place = f"{path}: {key}" if key else str(path)
    try:
        shape, dtype = _header(handle)
    except _FAULTS as error:
        raise DataError(
            f"{place}: is no array in the .npy format ({error}); write it with numpy.save, or numpy.savez for several."
        ) from error
    _refuse_type(dtype, shape, place)
    wanted, there = math.prod(shape) * dtype.itemsize, n_bytes - handle.tell()
    if min(shape, default=0) < 0 or wanted > there:
        raise DataError(
            f"{place}: its header promises shape {shape}, {wanted:,} bytes, but {there:,} bytes follow; the file is "
            "cut short or damaged: write or copy it again."
        )
    refuse_total(math.prod(shape) * max(4, dtype.itemsize), path)
    try:
        handle.seek(0)
        return np.load(handle, allow_pickle=False)
    except _FAULTS as error:
        raise DataError(f"{place}: cannot be read ({error}); the file is damaged: write or copy it again.") from error


def _header(handle: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(handle)
    if version not in _READ_HEADER:
        raise ValueError(f"version {version[0]}.{version[1]} of the format, expected 1.0 or 2.0")
    shape, _, dtype = _READ_HEADER[version](handle)
    return shape, dtype


def _refuse_type(dtype: np.dtype, shape: tuple[int, ...], place: str) -> None:
    if dtype.hasobject:
        raise DataError(
            f"{place}: holds Python objects (shape {shape}), as numpy saves a list of arrays of different lengths. "
            "They are not read: unpickling runs whatever code the file holds. Trials of one length: save one array "
            "(trials, bins, channels), or train_data and valid_data with numpy.savez. Trials of different lengths: "
            "pass a list of arrays to Dataset.from_arrays, or write HDF5 with *_length (write_dataset does)."
        )
    if dtype.kind == "c":
        raise DataError(
            f"{place}: holds complex numbers ({dtype}), expected real ones; save real and imaginary part, or amplitude "
            "and phase, as channels."
        )
    if dtype.kind not in "biuf":
        raise DataError(f"{place}: has type {dtype}, expected numbers; save it as floats or integers.")
