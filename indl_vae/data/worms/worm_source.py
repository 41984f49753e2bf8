"""Recordings of worms by a path: the file of all animals, or a folder of the lab's files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py

from indl_vae.data.hdf5_read import file_sha256
from indl_vae.data.hdf5_safety import open_hdf5, translated
from indl_vae.data.worms.lab_file import SUFFIX
from indl_vae.data.worms.lab_layout import load_lab_worms
from indl_vae.data.worms.worm_file import load_worms
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import DataError

#: Keys of which a file of worms has one at least, beside the group of its animals.
_MARKS = ("B_norm_divisor", "label_name")


def is_worms(source: Any) -> bool:
    """Whether a data argument names recordings of worms and nothing else.

    Raises:
        DataError: A file is damaged.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        found = next((file for file in (path, Path(f"{path}.h5"), Path(f"{path}.hdf5")) if file.is_file()), path)
        return is_lab_folder(found) or is_worm_file(found)
    if isinstance(source, Mapping) or not isinstance(source, Sequence):
        return False
    return len(source) > 0 and all(map(is_worms, source))


def is_lab_folder(path: Path) -> bool:
    """Whether a folder holds files of the lab."""
    return path.is_dir() and any(path.glob(f"*{SUFFIX}"))


def is_worm_file(path: Path) -> bool:
    """Whether a file is HDF5 with a group of animals and what goes with it.

    Raises:
        DataError: The file is damaged.
    """
    if not path.is_file() or not h5py.is_hdf5(path):
        return False
    with open_hdf5(path) as handle, translated(path):
        # A link to another file is not followed, not even to look what is there.
        here = isinstance(handle.get("data", getlink=True), h5py.HardLink)
        return here and handle.get("data", getclass=True) is h5py.Group and any(key in handle for key in _MARKS)


def read_worms(path: Path) -> tuple[WormSet, str]:
    """Returns the animals of a file or of a folder of the lab's files, and the SHA-256 of what was read.

    Raises:
        DataError: A file is damaged or not of its form, or it is not clear which file holds the labels of a folder.
    """
    if not path.is_dir():
        return load_worms(path), file_sha256(path)
    labels = find_label_file(path)
    files = [*sorted(path.glob(f"*{SUFFIX}")), *([labels] if labels else [])]
    digest = hashlib.sha256("".join(file.name + file_sha256(file) for file in files).encode())
    return load_lab_worms(path, labels), digest.hexdigest()


def find_label_file(folder: Path) -> Path | None:
    """Returns the JSON file of labels in a folder: the only one, or the only one with "label" in its name; else None.

    Raises:
        DataError: There are several.
    """
    found = sorted(folder.glob("*.json"))
    named = [file for file in found if "label" in file.name.casefold()] if len(found) > 1 else found
    if len(found) > 1 and len(named) != 1:
        names = ", ".join(file.name for file in found[:10])
        raise DataError(
            f"{folder}: which JSON file holds the labels? Got {names}; expected one, or one with 'label' in its name. "
            "Move the others, or use load_lab_worms(folder, labels_path) and worm_dataset."
        )
    return named[0] if named else None
