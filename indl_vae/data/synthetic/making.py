"""Synthetic data sets by name: in memory, or as files."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

from indl_vae.data.hdf5_write import write_dataset
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError, DataError
from indl_vae.registry import nearest_name


def make(name: str, seed: int | None = None, **options: Any) -> SyntheticSet:
    """Makes a synthetic data set.

    Args:
        name: Its name; a hyphen counts as an underscore.
        seed: Seed; None takes the set's own default, with which it is the published one where there is one.
        **options: Sizes and settings of the set, see its function; smaller numbers make a quick one.

    Returns:
        The arrays, truth among them.

    Raises:
        ConfigError: The name or an option is unknown.
    """
    function = SYNTHETIC.get(name.replace("-", "_"))
    known = list(inspect.signature(function).parameters)
    for option in options:
        if option not in known:
            near = nearest_name(option, known)
            hint = f" Did you mean {near!r}?" if near else ""
            raise ConfigError(f"{name}: unknown option {option!r}, expected some of {', '.join(known)}.{hint}")
    return function(**options) if seed is None else function(seed=seed, **options)


def write(name: str, path: str | os.PathLike[str], seed: int | None = None, **options: Any) -> list[Path]:
    """Makes a synthetic data set and writes it as LFADS HDF5.

    Args:
        name: Its name, or "all" for every one, a subfolder each.
        path: The file; a folder for "all" and for a set of several sessions (files NAME_<session>.h5). A set of one
            session whose path is a folder goes to NAME.h5 in it.
        seed: As for `make`.
        **options: As for `make`.

    Returns:
        The files written.

    Raises:
        ConfigError: The name or an option is unknown.
        DataError: A file cannot be written, or a folder is needed and `path` is a file.
    """
    path = Path(path)
    if name == "all":
        names = SYNTHETIC.names()
        return [file for each in names for file in _write_set(make(each, seed, **options), path / each, as_folder=True)]
    return _write_set(make(name, seed, **options), path, as_folder=path.is_dir())


def _write_set(made: SyntheticSet, path: Path, as_folder: bool) -> list[Path]:
    several = len(made.sessions) > 1
    if several and (path.is_file() or path.suffix in (".h5", ".hdf5")):
        raise DataError(f"{path}: {made.name} has {len(made.sessions)} sessions, a file each; name a folder.")
    files = []
    for session, arrays in made.sessions.items():
        stem = f"{made.name}_{session}" if session else made.name
        file = path / f"{stem}.h5" if several or as_folder else path
        files.append(write_dataset(arrays, file, made.bin_width_s))
    return files
