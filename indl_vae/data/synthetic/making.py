"""Synthetic data sets by name: in memory, or as files."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.set_options import check_options, options_for, unknown_option
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import DataError

ALL = "all"


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
    given = options if seed is None else options | {"seed": seed}
    check_options(name, function, given)
    return function(**given)


def write(name: str, path: str | os.PathLike[str], seed: int | None = None, **options: Any) -> list[Path]:
    """Makes a synthetic data set, or all of them, and writes it as HDF5.

    Arguments and errors are those of `write_each`.

    Returns:
        The files written.
    """
    return list(write_each(name, path, seed, **options))


def write_each(name: str, path: str | os.PathLike[str], seed: int | None = None, **options: Any) -> Iterator[Path]:
    """Makes synthetic data and writes it as HDF5, file after file.

    Args:
        name: Its name, or "all" for every one, a subfolder each.
        path: The file; a folder for "all" and for a set of several sessions (files NAME_<session>.h5). A set of one
            session whose path is a folder goes to NAME.h5 in it.
        seed: As for `make`.
        **options: As for `make`; with "all", a set takes the options that it knows.

    Yields:
        Each file as it is written.

    Raises:
        ConfigError: The name or an option is unknown, or a value is not possible.
        DataError: A file cannot be written, or a folder is needed and `path` is a file.
    """
    path = Path(path)
    if name.casefold() != ALL:
        yield from _write_set(make(name, seed, **options), path, as_folder=path.is_dir())
        return
    functions = {each: SYNTHETIC.get(each) for each in SYNTHETIC.names()}
    _check_known_to_any(functions.values(), options)
    _refuse_file(path, f"{ALL} has {len(functions)} sets, a subfolder each")
    for each, function in functions.items():
        made = make(each, seed, **options_for(function, options))
        yield from _write_set(made, path / each, as_folder=True)


def _check_known_to_any(functions: Iterable[Callable[..., Any]], options: Mapping[str, Any]) -> None:
    known = {option: None for function in functions for option in inspect.signature(function).parameters}
    for option in options:
        if option not in known:
            raise unknown_option(ALL, option, known)


def _refuse_file(path: Path, reason: str) -> None:
    if path.is_file() or path.suffix in (".h5", ".hdf5"):
        raise DataError(f"{path}: {reason}; name a folder.")


def _write_set(made: SyntheticSet, path: Path, as_folder: bool) -> Iterator[Path]:
    several = len(made.sessions) > 1
    if several:
        _refuse_file(path, f"{made.name} has {len(made.sessions)} sessions, a file each")
    for session in made.sessions:
        stem = f"{made.name}_{session}" if session else made.name
        file = path / f"{stem}.h5" if several or as_folder else path
        yield made.write(session, file)
