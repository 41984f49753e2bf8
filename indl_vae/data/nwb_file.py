"""Opens NWB files by pynwb and finds tables, columns and series in them."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from indl_vae.data.hdf5_safety import open_hdf5, refuse_foreign_content
from indl_vae.errors import ConfigError, DataError, IndlVaeError


@contextmanager
def open_nwb(path: str | os.PathLike[str]) -> Iterator[Any]:
    """Opens a file for reading; arrays in it are read when they are asked for.

    Yields:
        The `pynwb.NWBFile`.

    Raises:
        ConfigError: pynwb is not installed.
        DataError: The file is missing, damaged, no NWB file, or refers to other files.
    """
    path = Path(path)
    pynwb = import_pynwb()
    with open_hdf5(path) as handle:
        refuse_foreign_content(handle, path)
    with translated_nwb(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions of the format, which say nothing about the data
        file = pynwb.NWBHDF5IO(str(path), "r")
    try:
        with translated_nwb(path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            session = file.read()
        yield session
    finally:
        file.close()


def import_pynwb() -> ModuleType:
    """Returns pynwb.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        return importlib.import_module("pynwb")
    except ImportError as error:
        raise ConfigError(f"NWB files need pynwb ({error}): pip install indl_vae[nwb].") from error


@contextmanager
def translated_nwb(path: Path, what: str = "") -> Iterator[None]:
    """Turns whatever pynwb and hdmf raise inside the block into a DataError that names the file and the part of it."""
    try:
        yield
    except IndlVaeError:
        raise
    except Exception as error:  # a damaged file makes them raise nearly anything
        place = f"{path}: {what}" if what else str(path)
        raise DataError(
            f"{place}: cannot be read ({type(error).__name__}: {str(error)[:200]}); expected a complete NWB 2 file. "
            "Copy or write the file again."
        ) from error


def interval_table(session: Any, name: str, path: Path) -> Any:
    """Returns a table of intervals: "trials", "epochs" or another one of the file.

    Raises:
        DataError: There is none of that name, or it has no rows.
    """
    with translated_nwb(path, name):
        tables = {"trials": session.trials, "epochs": session.epochs, **dict(session.intervals or {})}
    found = {key: table for key, table in tables.items() if table is not None}
    if name not in found:
        listed = ", ".join(sorted(found)) or "none"
        raise DataError(
            f"{path}: {name}: no such table of intervals, found {listed}; name one of them (trials=...), or cut the "
            "recording into windows (dataset_from_recording)."
        )
    if not len(found[name]):
        raise DataError(f"{path}: {name}: the table has no rows; expected one for each trial.")
    return found[name]


def column(table: Any, name: str, path: Path) -> np.ndarray:
    """Returns a column with one value a row, `(n,)`.

    Raises:
        DataError: There is no such column, or it has several values a row.
    """
    place = f"{table.name}: {name}"
    if name not in table.colnames:
        raise DataError(f"{path}: {place}: no such column, found {', '.join(table.colnames)}; name one of them.")
    with translated_nwb(path, place):
        values = np.asarray(table[name][:]) if not _is_ragged(table[name]) else np.zeros((0, 0))
    if values.ndim != 1:
        raise DataError(f"{path}: {place}: has several values a row, expected one; name another column.")
    if values.dtype.kind in "OSU":
        values = np.array([one.decode() if isinstance(one, bytes) else str(one) for one in values])
    return values


def _is_ragged(values: Any) -> bool:
    return hasattr(values, "target")


def time_column(table: Any, name: str, path: Path) -> np.ndarray:
    """Returns a column of times in seconds, `(n,)` float64 with NaN where a row has none.

    Raises:
        DataError: There is no such column, or it does not hold numbers.
    """
    values = column(table, name, path)
    if values.dtype.kind not in "iuf":
        raise DataError(f"{path}: {table.name}: {name}: has type {values.dtype}, expected times in seconds.")
    return values.astype(np.float64)


def find_series(session: Any, name: str, path: Path) -> Any:
    """Returns the time series of a name, or of the end of a path such as "behavior/Position/hand".

    Raises:
        DataError: There is none, or there are several.
    """
    series_type = import_pynwb().TimeSeries
    with translated_nwb(path, name):
        all_series = [item for item in session.objects.values() if isinstance(item, series_type)]
        places = {_place(item, session): item for item in all_series}
    found = [place for place in places if place == name or place.endswith(f"/{name}")]
    if len(found) != 1:
        listed = ", ".join(sorted(found or places)[:20]) or "none"
        said = "several time series of this name" if found else "no such time series, found"
        raise DataError(f"{path}: {name}: {said}: {listed}; name one of them.")
    return places[found[0]]


def _place(item: Any, session: Any) -> str:
    """Returns the path of an object: "behavior/Position/hand", "acquisition/hand"."""
    names, top = [], item
    while item is not None and item.parent is not None:
        names.append(item.name)
        top, item = item, item.parent
    roots = {"acquisition": session.acquisition, "stimulus": session.stimulus}
    names += [name for name, group in roots.items() if any(one is top for one in group.values())]
    return "/".join(reversed(names))
