"""Loads a saved model, which may be damaged or not be one of ours."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import h5py
import keras

from indl_vae.data.hdf5_safety import memory_bytes, refuse_foreign_content
from indl_vae.errors import DataError, RunError
from indl_vae.models.sequential_vae import SequentialVAE

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
#: What zip files, HDF5 and Keras raise when what they read is not what was written.
_DAMAGED = (
    DataError,
    OSError,
    EOFError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def load_saved(path: str | Path) -> SequentialVAE:
    """Returns the model that a .keras file holds.

    The file is read whole before anything is made of it: a byte that is not the one that was written is found by the
    checksums of its parts. Only models of this library are made; Keras' safe mode, which makes no functions of stored
    code, is never switched off.

    Args:
        path: The file.

    Raises:
        RunError: It is missing, damaged, or holds another model than one of this library.
    """
    path = Path(path)
    if not path.is_file():
        raise RunError(f"{path}: no such file; expected a saved model.")
    try:
        _check_content(path)
        return keras.models.load_model(path)
    except RunError:
        raise
    except _DAMAGED as error:
        reason = f"{type(error).__name__}: {str(error)[:300]}"
        raise RunError(f"{path}: cannot be read as a saved model ({reason}). Train again, or copy it anew.") from error


def _check_content(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size, limit = sum(info.file_size for info in archive.infolist()), memory_bytes()
        if size > limit:
            raise RunError(f"{path}: claims to hold {size:,} bytes, this machine has {limit:,}. Copy it anew.")
        damaged = archive.testzip()
        if damaged is not None:
            raise RunError(f"{path}: cannot be read as a saved model ({damaged} is damaged). Copy it anew.")
        config = json.loads(archive.read(_CONFIG))
        with h5py.File(io.BytesIO(archive.read(_WEIGHTS)), "r") as handle:
            refuse_foreign_content(handle, path)
    found = config.get("registered_name") if isinstance(config, dict) else None
    if found != _registered_name():
        raise RunError(f"{path}: expected a saved model of this library, found {found!r}. Check the path.")


def _registered_name() -> Any:
    return keras.saving.get_registered_name(SequentialVAE)
