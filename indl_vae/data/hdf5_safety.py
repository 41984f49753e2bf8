"""Opens foreign HDF5 files without letting them read other files, fill the memory or raise a low-level error.

HDF5 can store a dataset's bytes in any file of the machine (external storage, external links, virtual datasets) and can
state sizes that it does not hold; none of this is needed for data, so all of it is refused.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from indl_vae.errors import DataError

#: Deflate cannot shrink data more than 1032-fold; a chunk that claims more does not hold what it says.
MAX_COMPRESSION = 1100
#: Sizes up to this are harmless whatever they claim, in bytes.
HARMLESS_BYTES = 16 << 20
_MAX_LINKS = 16
_LOW_LEVEL = (OSError, RuntimeError, LookupError, ValueError, TypeError, OverflowError, MemoryError, EOFError)


@contextmanager
def translated(path: Path, what: str = "") -> Iterator[None]:
    """Turns whatever h5py raises inside the block into a DataError that names the file and `what` was being read."""
    try:
        yield
    except DataError:
        raise
    except _LOW_LEVEL as error:
        place = f"{path}: {what}" if what else str(path)
        raise DataError(
            f"{place}: cannot be read ({type(error).__name__}: {str(error)[:200]}); expected a complete HDF5 file. "
            "Copy or write the file again."
        ) from error


@contextmanager
def open_hdf5(path: str | os.PathLike[str]) -> Iterator[h5py.File]:
    """Opens a file for reading.

    Raises:
        DataError: The file is missing, a folder, empty, cut short, or not HDF5.
    """
    path = Path(path)
    _check_path(path)
    with translated(path):
        handle = h5py.File(path, "r", locking="best-effort")
    try:
        yield handle
    finally:
        with translated(path):
            handle.close()


def _check_path(path: Path) -> None:
    if path.is_dir():
        raise DataError(f"{path}: is a folder, expected an HDF5 file; name the file, or FOLDER/STEM of its files.")
    if not path.is_file():
        raise DataError(f"{path}: no such file; check the path (files of a set: STEM, STEM.h5 or STEM_<session>.h5).")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: is empty (0 bytes), expected an HDF5 file; copy or write it again.")


def link_names(group: h5py.Group) -> list[str]:
    """Returns the names in a group, sorted.

    They are asked for in the order in which they are stored: to sort them itself, HDF5 (1.14) makes a table first, and
    frees what is not in it when the file is damaged, which ends the process.
    """
    names: list[bytes] = []
    group.id.links.iterate(names.append, order=h5py.h5.ITER_NATIVE)
    return sorted(name.decode(errors="replace") for name in names)


def safe_dataset(handle: h5py.File, key: str, path: Path) -> h5py.Dataset:
    """Returns the dataset under a top-level key after checking that reading it is harmless.

    Raises:
        DataError: It lies in another file, is no numeric array, or claims more bytes than the file can hold.
    """
    with translated(path, key):
        _refuse_foreign_links(handle, key, path, _MAX_LINKS)
        item = handle[key]
        if not isinstance(item, h5py.Dataset):
            raise DataError(f"{path}: {key}: is a {type(item).__name__.lower()}, expected an array.")
        _refuse_foreign_storage(handle, item, key, path)
        _refuse_type(item, key, path)
        _refuse_size(item, key, path)
        return item


def ragged_integers(handle: h5py.File, key: str, path: Path) -> list[np.ndarray]:
    """Returns lists of whole numbers of different lengths, or the rows of an array, after the checks of `safe_dataset`.

    Raises:
        DataError: It lies in another file, holds no whole numbers, or claims more bytes than the file can hold.
    """
    with translated(path, key):
        _refuse_foreign_links(handle, key, path, _MAX_LINKS)
        item = handle[key]
        is_array = isinstance(item, h5py.Dataset)
        base = h5py.check_vlen_dtype(item.dtype) if is_array else None
        kind = (np.dtype(base) if base is not None else item.dtype).kind if is_array else ""
        if kind not in "iu" or kind == "" or item.shape is None or len(item.shape) != (1 if base is not None else 2):
            raise DataError(f"{path}: {key}: expected lists of whole numbers, or one array whose rows they are.")
        _refuse_foreign_storage(handle, item, key, path)
        _refuse_size(item, key, path)
        return [np.asarray(row, np.int64) for row in item[()]]


def safe_strings(handle: h5py.File, key: str, path: Path) -> list[str]:
    """Returns the strings `(n,)` that a key holds, after the checks of `safe_dataset`.

    Raises:
        DataError: They lie in another file, are no list of text, or claim more bytes than the file can hold.
    """
    with translated(path, key):
        _refuse_foreign_links(handle, key, path, _MAX_LINKS)
        item = handle[key]
        is_text = isinstance(item, h5py.Dataset) and h5py.check_string_dtype(item.dtype) is not None
        if not is_text or item.shape is None or len(item.shape) != 1:
            raise DataError(f"{path}: {key}: expected a list of text, such as the names of labels.")
        _refuse_foreign_storage(handle, item, key, path)
        _refuse_size(item, key, path)
        return [str(text) for text in item.asstr(errors="replace")[()]]


def safe_references(handle: h5py.File, key: str, path: Path) -> np.ndarray | None:
    """Returns the references `(n,)` that a top-level key holds, as MATLAB writes cells, in MATLAB's order.

    Returns:
        The references; None where the key holds something else.

    Raises:
        DataError: They lie in another file, or claim more bytes than the file can hold.
    """
    with translated(path, key):
        _refuse_foreign_links(handle, key, path, _MAX_LINKS)
        item = handle[key]
        if not isinstance(item, h5py.Dataset) or h5py.check_ref_dtype(item.dtype) is not h5py.Reference:
            return None
        _refuse_foreign_storage(handle, item, key, path)
        _refuse_size(item, key, path)
        return np.asarray(item[()]).reshape(-1)


def refuse_foreign_content(handle: h5py.File, path: Path) -> None:
    """Looks through a whole file that another library is about to read, and refuses what lies outside of it.

    Raises:
        DataError: There is a link to another file, a virtual dataset, or external storage.
    """
    names: list[str] = []
    with translated(path):
        # Errors inside of a visit come out as SystemError, so nothing is looked at there.
        handle.id.links.visit(lambda name: names.append(name.decode(errors="replace")), order=h5py.h5.ITER_NATIVE)
        for name in names:
            _refuse_foreign_links(handle, name, path, _MAX_LINKS)
            item = handle[name] if isinstance(handle.get(name, getlink=True), h5py.HardLink) else None
            if isinstance(item, h5py.Dataset):
                _refuse_foreign_storage(handle, item, name, path)


def _refuse_foreign_links(handle: h5py.File, target: str, path: Path, links_left: int) -> None:
    """Follows `target` from the root, component by component, and refuses any link that leaves the file."""
    parts = [part for part in target.split("/") if part not in ("", ".")]
    for depth in range(1, len(parts) + 1):
        here = "/".join(parts[:depth])
        link = handle.get(here, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise DataError(
                f"{path}: {here}: is a link to another file ({link.filename}), which is not followed; "
                "copy the data into this file."
            )
        if isinstance(link, h5py.SoftLink):
            if links_left <= 0:
                raise DataError(f"{path}: {here}: more than {_MAX_LINKS} links in a row; store the array itself.")
            base = "" if link.path.startswith("/") else "/".join(parts[: depth - 1]) + "/"
            rest = "/".join([base + link.path, *parts[depth:]])
            return _refuse_foreign_links(handle, rest, path, links_left - 1)
    return None


def _refuse_foreign_storage(handle: h5py.File, item: h5py.Dataset, key: str, path: Path) -> None:
    remedy = "copy the data into this file"
    if item.is_virtual:
        raise DataError(f"{path}: {key}: is a virtual dataset, made of other files; {remedy}.")
    if item.id.get_create_plist().get_external_count() > 0:
        raise DataError(f"{path}: {key}: keeps its bytes in external storage, which is not read; {remedy}.")
    if h5py.h5o.get_info(item.id).fileno != h5py.h5o.get_info(handle.id).fileno:
        raise DataError(f"{path}: {key}: lies in another file; {remedy}.")


def _refuse_type(item: h5py.Dataset, key: str, path: Path) -> None:
    if item.dtype.kind not in "biuf":
        raise DataError(
            f"{path}: {key}: has type {item.dtype}, expected numbers; store it as an array of floats or integers "
            "(labels as integers, trials of different lengths padded and with *_length)."
        )
    if item.shape is None:
        raise DataError(f"{path}: {key}: is an empty placeholder without a shape, expected an array.")


def _refuse_size(item: h5py.Dataset, key: str, path: Path) -> None:
    size, stored = path.stat().st_size, item.id.get_storage_size()
    logical = math.prod(item.shape) * item.dtype.itemsize
    if item.chunks is None:
        claimed, allowed = logical, size
    else:
        claimed = max(logical, math.prod(item.chunks) * item.dtype.itemsize)
        allowed = max(HARMLESS_BYTES, MAX_COMPRESSION * min(stored, size))
    if claimed > allowed or stored > size:
        raise DataError(
            f"{path}: {key}: its header claims shape {tuple(item.shape)}, {max(claimed, stored):,} bytes, but the file "
            f"has {size:,} bytes, of which {stored:,} belong to it; the file is damaged or was never filled: "
            "write it again."
        )


def refuse_total(total_bytes: int, path: Path) -> None:
    """Refuses to read more than this machine's memory can hold.

    Raises:
        DataError: `total_bytes`, the size of all arrays as float32, is above the physical memory.
    """
    limit = memory_bytes()
    if total_bytes > limit:
        raise DataError(
            f"{path}: its arrays need {total_bytes:,} bytes, this machine has {limit:,} bytes of memory; "
            "cut the recording into several files, or store fewer trials."
        )


def memory_bytes() -> int:
    """Returns the machine's physical memory in bytes (64 GiB where the system does not say)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 64 << 30


def read_scalar_attribute(handle: h5py.File, name: str, path: Path) -> float | None:
    """Returns a numeric attribute of the file, or None if the file has none of that name.

    Raises:
        DataError: The attribute is not one number.
    """
    with translated(path, f"attribute {name}"):
        if name not in handle.attrs:
            return None
        header = handle.attrs.get_id(name)
        if header.dtype.kind not in "iuf" or math.prod(header.shape) != 1:
            raise DataError(
                f"{path}: attribute {name}: has type {header.dtype} and shape {header.shape}, expected one number."
            )
        return float(np.asarray(handle.attrs[name]).reshape(()))
