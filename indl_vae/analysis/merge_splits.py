"""Trials of all splits of a posterior file, put back into the order of the recording."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from indl_vae.data.hdf5_safety import link_names, open_hdf5, refuse_foreign_content, safe_dataset, translated
from indl_vae.data.keys import SPLITS
from indl_vae.errors import DataError

Source = str | os.PathLike[str] | Mapping[str, np.ndarray]


def merge_splits(source: Source, session: str | None = None) -> dict[str, np.ndarray]:
    """Returns the arrays of a posterior file for all trials, in the order of their numbers in the recording.

    Args:
        source: Path of a posterior file, or its datasets by name: `train_rates`, `valid_rates`, `valid_inds`, ...
        session: Name of the session, for a file of several.

    Returns:
        The arrays that every split has, by the names without the split: `rates` `(B, T, N)`, ..., `inds` `(B,)`, and
        `split` `(B,)`, the name of the split that each trial is from.

    Raises:
        DataError: The file cannot be read, has no numbers of trials, numbers trials of two splits alike, or splits have
            arrays of different shapes; or the session is not named or not there.
    """
    arrays = dict(source) if isinstance(source, Mapping) else _read(Path(source), session)
    splits = [split for split in SPLITS if f"{split}_inds" in arrays]
    if not splits:
        raise DataError(
            f"posterior file: expected the numbers of the trials ({', '.join(f'{s}_inds' for s in SPLITS)}), found "
            "none. Write it with `indl-vae posterior`."
        )
    inds = np.concatenate([np.asarray(arrays[f"{split}_inds"]) for split in splits])
    _check_numbers(inds)
    order = np.argsort(inds, kind="stable")
    names = [
        {name.removeprefix(f"{split}_") for name in arrays if name.startswith(f"{split}_")} - {"inds"}
        for split in splits
    ]
    merged = {name: _joined(arrays, splits, name)[order] for name in sorted(set.intersection(*names))}
    of_split = np.concatenate([[split] * len(arrays[f"{split}_inds"]) for split in splits])
    return {**merged, "inds": inds[order], "split": of_split[order]}


def _read(path: Path, session: str | None) -> dict[str, np.ndarray]:
    with open_hdf5(path) as file:
        refuse_foreign_content(file, path)
        with translated(path):
            groups = [name for name in link_names(file) if file.get(name, getclass=True) is h5py.Group]
        if (session is None) == bool(groups) or (session is not None and session not in groups):
            raise DataError(
                f"{path}: session is {session!r}, expected "
                + (f"one of {', '.join(groups)}." if groups else "None: the file is of one session.")
            )
        with translated(path):
            names = link_names(file if session is None else file[session])
        return {name: _array(file, name if session is None else f"{session}/{name}", path) for name in names}


def _array(file: h5py.File, name: str, path: Path) -> np.ndarray:
    item = safe_dataset(file, name, path)
    with translated(path, name):
        return np.asarray(item[()])


def _check_numbers(inds: np.ndarray) -> None:
    numbers, counts = np.unique(inds, return_counts=True)
    if (counts > 1).any():
        raise DataError(
            f"posterior file: trial {numbers[counts > 1][0]} stands in it {counts.max()} times; the numbers of trials "
            "(train_inds, valid_inds) must differ. Data files without them number each split from 0: write "
            "train_inds and valid_inds into the data file."
        )


def _joined(arrays: Mapping[str, np.ndarray], splits: list[str], name: str) -> np.ndarray:
    parts = [np.asarray(arrays[f"{split}_{name}"]) for split in splits]
    if len({part.shape[1:] for part in parts}) > 1:
        shapes = ", ".join(f"{split} {part.shape}" for split, part in zip(splits, parts, strict=True))
        raise DataError(f"posterior file: {name}: splits have different shapes ({shapes}); merge trials of one length.")
    return np.concatenate(parts)
