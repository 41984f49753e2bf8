"""load_dataset: from a path to a checked Dataset."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.divide_trials import divide_session
from indl_vae.data.keys import SPLITS, find_key
from indl_vae.data.npy_options import NpyOptions, check_npy_options, is_npy
from indl_vae.data.paths import name_sessions
from indl_vae.data.session import RawSession
from indl_vae.data.session_read import read_session
from indl_vae.data.sessions import join_sessions
from indl_vae.data.trial_options import TrialOptions
from indl_vae.data.worms.worm_options import WormOptions
from indl_vae.data.worms.worm_source import is_worms
from indl_vae.errors import ConfigError, DataError

#: Stands for whatever splits there are.
PRESENT = "present"
#: Settings of a model that say how a .npy file is read.
_NPY_SETTINGS = ("inputs_path", "input_path", "valid_share", "test_share")
#: Options of worms by the settings of a model that hold them.
_WORM_SETTINGS = {
    **{name: name for name in ("window_T", "stride", "val_frac", "test_frac", "split", "normalise", "gap")},
    "ignore_unlabeled": "ignore_unlabeled",
    "split_seed": "seed",
}


def load_dataset(
    path_or_paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | Mapping[str, np.ndarray],
    *,
    likelihood: str = "poisson",
    missing: str = "error",
    bin_width_s: float | None = None,
    splits: Sequence[str] | str | None = None,
    seq_len: int | None = None,
    inputs_path: str | os.PathLike[str] | None = None,
    valid_share: float | None = None,
    test_share: float | None = None,
    input_path: str | os.PathLike[str] | None = None,
    n_levels: int | None = None,
    test_perc: float | None = None,
    valid_perc: float | None = None,
    dataseed: int | None = None,
    tlim: int | None = None,
    worms: WormOptions | Mapping[str, Any] | None = None,
) -> Dataset:
    """Loads and checks a data set.

    Reads LFADS HDF5 files (`train_data`, `valid_data`, optional `test_data` and what comes beside them), those of
    lfads-torch (`*_encod_data`, `*_recon_data`) and dicts of arrays under the same keys. Truth becomes expected counts
    per bin: divided by `conversion_factor` where the file has one, else taken as Hz and multiplied by the bin width.
    An .npz file is such a dict. A .npy file holds trials (trials, bins, channels) or a recording (bins, channels); its
    last shares validate and test. NWB files (.nwb) are read with the defaults of `load_nwb`, which has the options. A
    .mat file (MATLAB, version 5 to 7.3), an .npz or an HDF5 file may hold trials that are not divided yet, under `ys`
    with `us`, `lengths` and `region_sizes`: they are drawn for the splits. Recordings of worms, in one HDF5 file of all
    animals or a folder of the lab's files, are divided and cut as by `worm_dataset`.

    Args:
        path_or_paths: A file; FOLDER/STEM for the file STEM, STEM.h5 or the sessions STEM_<session>.h5; a list of such
            paths; or a dict of arrays. Several files are the sessions of one data set (`join_sessions`). For arrays
            without file keys see `Dataset.from_arrays`.
        likelihood: Name of the observation model; under counts (poisson, negative_binomial) and levels (ordinal,
            categorical) values must be whole and not negative.
        missing: "error" refuses NaN, "mask" takes it as not observed.
        bin_width_s: Width of a bin in seconds; goes before the file's attribute of this name. Spikes of an NWB file are
            counted in bins of this width, 10 ms by default.
        splits: Names of the splits to read, each of which must be there; None reads train, valid and, if there, test;
            "present" reads those that there are (new data for a trained model). Of a .npy file, "test" takes the whole,
            unless a share is given, and "present" too if the file is too short for three splits.
        seq_len: Of a .npy file: bins of the consecutive windows that longer trials, or a recording, are cut into.
        inputs_path: Of a .npy file: .npy file of measured inputs with the same trials and bins, beside the data or in
            the working folder.
        valid_share: Of a .npy file: share of the trials (of a recording: of its windows, or of its time) to validate
            on, those before the test's; None takes 0.1.
        test_share: Of a .npy file: share to test on, the last ones; 0 for none; None takes 0.1.
        input_path: Another name for `inputs_path`.
        n_levels: Number of levels, all of which must then be below it; other likelihoods than ordinal and categorical
            do not look at it.
        test_perc, valid_perc, dataseed, tlim: Of trials under `ys`: see `dataset_of_regions`.
        worms: Of recordings of worms: arguments of `worm_dataset`, such as {"window_T": 100, "split": "time"}.

    Returns:
        The Dataset; its arrays are float32.

    Raises:
        ConfigError: An argument is out of its range, or pynwb is needed and not installed.
        DataError: A file is missing, damaged or unsafe, a value or shape cannot be, or sessions do not go together. The
            message names file, key, trial, bin and channel.
    """
    wanted = _check_splits(None if splits == PRESENT else splits)
    npy = NpyOptions(seq_len, _one_of(inputs_path, input_path), valid_share, test_share, splits == PRESENT)
    trials = TrialOptions(test_perc, valid_perc, dataseed, tlim, splits == PRESENT)

    def checked(session: RawSession) -> Dataset:
        names = _present_splits(session) if splits == PRESENT else wanted or _default_splits(session)
        return assemble(
            session, names, likelihood=likelihood, missing=missing, bin_width_s=bin_width_s, n_levels=n_levels
        )

    check_npy_options(npy, path_or_paths)
    if worms is not None and not is_worms(path_or_paths):
        found = "arrays" if isinstance(path_or_paths, Mapping) else path_or_paths
        raise ConfigError(f"worms: goes with recordings of worms, got {found}; leave it out.")
    cutting = WormOptions.of(worms, splits == PRESENT)
    if isinstance(path_or_paths, Mapping):
        return checked(divide_session(RawSession.from_arrays(path_or_paths), wanted or SPLITS, trials))
    files = name_sessions(path_or_paths)
    how = (wanted or SPLITS, bin_width_s, npy, trials, cutting)
    parts = {name: checked(read_session(file, *how)) for name, file in files.items()}
    return join_sessions(parts) if len(parts) > 1 else next(iter(parts.values()))


def load_for(settings: Mapping[str, Any], source: Any, splits: Sequence[str] | str | None = None) -> Dataset:
    """Loads data under the settings of a model that decide how data are read.

    Args:
        settings: Parameters of a family: `likelihood`, `missing`, `bin_width_s` and, if there, `n_levels` are read, and
            for .npy files, where there are such, `seq_len`, `inputs_path`, `valid_share` and `test_share`; for worms
            those of `WormDataGroup`.
        source, splits: As for `load_dataset`.

    Raises:
        ConfigError: As `load_dataset`.
        DataError: As `load_dataset`.
    """
    options = {name: settings[name] for name in ("likelihood", "missing", "bin_width_s")}
    options["n_levels"] = settings.get("n_levels")
    npy = {name: settings.get(name) for name in _NPY_SETTINGS}
    if is_worms(source):
        options["worms"] = {
            option: settings[name] for name, option in _WORM_SETTINGS.items() if settings.get(name) is not None
        }
    if is_npy(source):
        options |= npy
    elif npy["inputs_path"] is not None or npy["input_path"] is not None:
        # A model that was trained on .npy files may be given another file, whose inputs are in it.
        warnings.warn(
            "inputs_path is not read: it goes with a .npy file; other files hold inputs under *_ext_input.",
            UserWarning,
            stacklevel=2,
        )
    return load_dataset(source, **options, splits=splits)


def _one_of(inputs_path: Any, input_path: Any) -> Any:
    if inputs_path is not None and input_path is not None:
        raise ConfigError(
            f"inputs_path and input_path: expected one of them, got {inputs_path!r} and {input_path!r}; they are two "
            "names of one option."
        )
    return input_path if inputs_path is None else inputs_path


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
