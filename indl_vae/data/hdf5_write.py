"""Writes data as an LFADS HDF5 file: compressed, with checksums, and all or nothing."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.keys import EXTRAS, FIELDS
from indl_vae.data.split import Split
from indl_vae.errors import DataError


def write_dataset(
    dataset: Dataset | Mapping[str, np.ndarray],
    path: str | os.PathLike[str],
    bin_width_s: float | None = None,
) -> Path:
    """Writes an HDF5 file that `load_dataset` reads back to the same arrays.

    Arrays are gzip-compressed with a Fletcher-32 checksum per chunk, so that a damaged byte is an error and not data.
    The file appears under its name only when it is complete.

    Args:
        dataset: A Dataset (its truth is written in expected counts per bin, conversion_factor 1), or arrays under the
            file's key names.
        path: The file to write; an existing one is replaced.
        bin_width_s: Written as the file's attribute; None takes the Dataset's own.

    Returns:
        The path written.

    Raises:
        DataError: The file cannot be written, or an array is not numeric.
    """
    if isinstance(dataset, Dataset):
        arrays, width = arrays_of(dataset), bin_width_s or dataset.bin_width_s
    else:
        arrays, width = {key: np.asarray(value) for key, value in dataset.items()}, bin_width_s
    return write_hdf5(arrays, path, {} if width is None else {"bin_width_s": float(width)})


def write_hdf5(
    arrays: Mapping[str, np.ndarray],
    path: str | os.PathLike[str],
    attributes: Mapping[str, float | int | str],
    texts: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Writes arrays and attributes of the file, compressed, with checksums, whole or not at all.

    Args:
        arrays: Numeric arrays by key; a slash in a key makes a group.
        path: The file to write; an existing one is replaced.
        attributes: Attributes of the file.
        texts: Lists of text by key.

    Returns:
        The path written.

    Raises:
        DataError: The file cannot be written, or an array is not numeric.
    """
    _check_types(arrays)
    path = Path(path)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(scratch, dict(arrays) | _text_arrays(texts or {}), attributes)
        os.replace(scratch, path)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error}); check the folder, its rights and the space left."
        ) from error
    finally:
        if scratch.exists():
            scratch.unlink()
    return path


def _check_types(arrays: Mapping[str, np.ndarray]) -> None:
    for key, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise DataError(f"{key}: has type {array.dtype}, expected numbers; convert it to floats or integers.")


def _text_arrays(texts: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
    """Returns lists of text as arrays of fixed width, which HDF5 can compress and guard by checksums."""
    found = {}
    for key, values in texts.items():
        encoded = [value.encode() for value in values]
        width = max(1, *map(len, encoded)) if encoded else 1
        found[key] = np.array(encoded, h5py.string_dtype("utf-8", width))
    return found


def _write(path: Path, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, float | int | str]) -> None:
    # The 1.8 layout puts a checksum on headers too, and every reader in use knows it.
    with h5py.File(path, "w", libver=("v108", "v108")) as handle:
        for key, array in arrays.items():
            # HDF5 has no filters for scalars and for arrays without entries.
            packing = {"compression": "gzip", "fletcher32": True} if array.size > 0 and array.ndim > 0 else {}
            handle.create_dataset(key, data=array, **packing)
        handle.attrs.update(attributes)
    with open(path, "rb+") as handle:
        os.fsync(handle.fileno())


def arrays_of(dataset: Dataset) -> dict[str, np.ndarray]:
    """Returns a Dataset's arrays under the file's key names."""
    arrays = {}
    for split in dataset.splits.values():
        arrays.update(_arrays_of_split(split, dataset.heldout_channels, dataset.heldout_bins))
    if any(split.truth is not None for split in dataset.splits.values()):
        arrays["conversion_factor"] = np.float32(1.0)
    if dataset.region_sizes is not None:
        arrays["region_sizes"] = np.asarray(dataset.region_sizes, np.int64)
    return {key: np.asarray(value) for key, value in {**arrays, **dataset.alignment}.items()}


def _arrays_of_split(split: Split, heldout_channels: int, heldout_bins: int) -> dict[str, np.ndarray]:
    values = {field: getattr(split, field) for field in FIELDS if hasattr(split, field)}
    values.update({field: split.extras.get(field) for field in EXTRAS})
    keys = {field: FIELDS[field].templates[0] for field in values}
    if heldout_channels or heldout_bins:
        keys["x"] = "{}_recon_data"
        keys["encod"] = FIELDS["encod"].templates[0]
        values["encod"] = split.x[:, : split.n_bins - heldout_bins, : split.n_channels - heldout_channels]
    if split.mask is not None:
        values["mask"] = split.mask.astype(np.uint8)
    return {keys[field].format(split.name): value for field, value in values.items() if value is not None}
