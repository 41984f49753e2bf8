"""Reads an .npz file: arrays under the file's keys, as in LFADS HDF5."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from indl_vae.data.hdf5_read import file_sha256
from indl_vae.data.hdf5_safety import refuse_total
from indl_vae.data.keys import known_keys
from indl_vae.data.npy_file import read_numbers
from indl_vae.data.session import RawSession
from indl_vae.errors import DataError

_WIDTH = "bin_width_s"


def read_npz(path: Path) -> RawSession:
    """Reads the known keys of an .npz file; a number under `bin_width_s` is the bin width in seconds.

    Args:
        path: The file.

    Returns:
        The arrays as stored, with the file's SHA-256.

    Raises:
        DataError: The file is damaged, or holds Python objects or anything but numbers under a known key.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            known = (*known_keys(members), _WIDTH)
            wanted = {key: info for key, info in members.items() if key in known}
            refuse_total(sum(info.file_size for info in wanted.values()), path)
            arrays = {key: _read(archive, info, path, key) for key, info in wanted.items()}
    except DataError:
        raise
    except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path}: cannot be read as .npz ({error}); write it with numpy.savez, or copy it again."
        ) from error
    width = arrays.pop(_WIDTH, None)
    if width is not None and width.size != 1:
        raise DataError(f"{path}: {_WIDTH}: has shape {width.shape}, expected one number of seconds.")
    ignored = tuple(sorted(set(members) - set(wanted)))
    number = None if width is None else float(width.reshape(()))
    return RawSession(str(path), arrays, number, file_sha256(path), ignored)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, key: str) -> np.ndarray:
    with archive.open(info) as handle:
        return read_numbers(handle, info.file_size, path, key)
