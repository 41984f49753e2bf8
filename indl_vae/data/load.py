"""load_dataset: from a path to a checked Dataset."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.keys import SPLITS, find_key
from indl_vae.data.paths import name_sessions
from indl_vae.data.session import RawSession
from indl_vae.data.session_read import read_session
from indl_vae.data.sessions import join_sessions
from indl_vae.errors import ConfigError, DataError

#: Stands for whatever splits there are.
PRESENT = "present"


def load_dataset(
    path_or_paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | Mapping[str, np.ndarray],
    *,
    likelihood: str = "poisson",
    missing: str = "error",
    bin_width_s: float | None = None,
    splits: Sequence[str] | str | None = None,
) -> Dataset:
    """Loads and checks a data set.

    Reads LFADS HDF5 files (`train_data`, `valid_data`, optional `test_data` and what comes beside them), those of
    lfads-torch (`*_encod_data`, `*_recon_data`) and dicts of arrays under the same keys. Truth becomes expected counts
    per bin: divided by `conversion_factor` where the file has one, else taken as Hz and multiplied by the bin width.
    NWB files (.nwb) are read with the defaults of `load_nwb`, which has the options.

    Args:
        path_or_paths: A file; FOLDER/STEM for the file STEM, STEM.h5 or the sessions STEM_<session>.h5; a list of such
            paths; or a dict of arrays. Several files are the sessions of one data set (`join_sessions`). For arrays
            without file keys see `Dataset.from_arrays`.
        likelihood: Name of the observation model; under counts (poisson, negative_binomial) values must be whole and
            not negative.
        missing: "error" refuses NaN, "mask" takes it as not observed.
        bin_width_s: Width of a bin in seconds; goes before the file's attribute of this name. Spikes of an NWB file are
            counted in bins of this width, 10 ms by default.
        splits: Names of the splits to read, each of which must be there; None reads train, valid and, if there, test;
            "present" reads those that there are (new data for a trained model).

    Returns:
        The Dataset; its arrays are float32.

    Raises:
        ConfigError: An argument is out of its range, or pynwb is needed and not installed.
        DataError: A file is missing, damaged or unsafe, a value or shape cannot be, or sessions do not go together. The
            message names file, key, trial, bin and channel.
    """
    wanted = _check_splits(None if splits == PRESENT else splits)

    def checked(session: RawSession) -> Dataset:
        names = _present_splits(session) if splits == PRESENT else wanted or _default_splits(session)
        return assemble(session, names, likelihood=likelihood, missing=missing, bin_width_s=bin_width_s)

    if isinstance(path_or_paths, Mapping):
        return checked(RawSession.from_arrays(path_or_paths))
    files = name_sessions(path_or_paths)
    parts = {name: checked(read_session(file, wanted or SPLITS, bin_width_s)) for name, file in files.items()}
    return join_sessions(parts) if len(parts) > 1 else next(iter(parts.values()))


def load_for(settings: Mapping[str, Any], source: Any, splits: Sequence[str] | str | None = None) -> Dataset:
    """Loads data under the settings of a model that decide how data are read.

    Args:
        settings: Parameters of a family: `likelihood`, `missing` and `bin_width_s` are read.
        source, splits: As for `load_dataset`.

    Raises:
        ConfigError: As `load_dataset`.
        DataError: As `load_dataset`.
    """
    options = {name: settings[name] for name in ("likelihood", "missing", "bin_width_s")}
    return load_dataset(source, **options, splits=splits)


def _check_splits(splits: Any) -> tuple[str, ...]:
    if splits is None:
        return ()
    wanted = (splits,) if isinstance(splits, str) else tuple(splits)
    for name in wanted:
        if name not in SPLITS:
            raise ConfigError(f"splits: {name!r}, expected some of {', '.join(SPLITS)}.")
    if not wanted:
        raise ConfigError("splits: an empty list, expected some of train, valid, test (or None for all).")
    return tuple(name for name in SPLITS if name in wanted)


def _default_splits(session: RawSession) -> tuple[str, ...]:
    return SPLITS if _is_there(session, "test") else SPLITS[:2]


def _present_splits(session: RawSession) -> tuple[str, ...]:
    found = tuple(name for name in SPLITS if _is_there(session, name))
    if not found:
        raise DataError(
            f"{session.source}: holds none of train_data, valid_data and test_data; write the trials (trials, bins, "
            "channels) under one of these keys, test_data for new ones."
        )
    return found


def _is_there(session: RawSession, split: str) -> bool:
    return any(find_key(session.arrays, split, field) for field in ("x", "encod"))
