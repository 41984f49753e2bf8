"""Submission and target files of the Neural Latents Benchmark: HDF5, a group for each data set."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.analysis.nlb.names import check_name
from indl_vae.analysis.nlb.rates import KEYS, check_submission
from indl_vae.analysis.nlb.target import TARGET_KEYS
from indl_vae.data.hdf5_safety import link_names, open_hdf5, ragged_integers, refuse_total, safe_dataset, translated
from indl_vae.data.hdf5_write import write_hdf5
from indl_vae.errors import DataError

_RAGGED = "eval_cond_idx"


def write_submission(path: str | os.PathLike[str], groups: Mapping[str, Mapping[str, np.ndarray]]) -> Path:
    """Writes a submission, float32, whole or not at all.

    Args:
        path: The file; an existing one is replaced.
        groups: Arrays of `submission` by group (`group_name`); several data sets may share a file.

    Returns:
        The path.

    Raises:
        ConfigError: A group's name has characters that no name has.
        DataError: As `check_submission`; nothing is written then.
    """
    arrays = {}
    for group, content in groups.items():
        checked = check_submission(content, check_name(group))
        # A rate under the least float32 would be stored as 0, which the benchmark warns of.
        tiny = np.finfo(np.float32).tiny
        arrays.update({f"{group}/{key}": np.maximum(array, tiny).astype(np.float32) for key, array in checked.items()})
    return write_hdf5(arrays, path, {})


def read_submission(path: str | os.PathLike[str], group: str) -> dict[str, np.ndarray]:
    """Returns one group of a submission, checked.

    Raises:
        DataError: The file or the group is missing or not safe to read, or as `check_submission`.
    """
    return check_submission(_read(Path(path), group, KEYS), f"{path}: {group}")


def read_target(path: str | os.PathLike[str], group: str) -> dict[str, Any]:
    """Returns one group of a target file as nlb_tools makes it: arrays by `TARGET_KEYS`, those that there are.

    Raises:
        DataError: The file or the group is missing or not safe to read.
    """
    return _read(Path(path), group, TARGET_KEYS)


def _read(path: Path, group: str, keys: Iterable[str]) -> dict[str, Any]:
    with open_hdf5(path) as handle:
        with translated(path, group):
            there = link_names(handle)
        if group not in there:
            raise DataError(
                f"{path}: has no group {group!r}, but {', '.join(there) or 'nothing'}; check name and bin width."
            )
        with translated(path, group):
            found = [key for key in keys if f"{group}/{key}" in handle]
        plain = {key: safe_dataset(handle, f"{group}/{key}", path) for key in found if key != _RAGGED}
        refuse_total(sum(math.prod(item.shape) * 8 for item in plain.values()), path)
        arrays: dict[str, Any] = {}
        for key, item in plain.items():
            with translated(path, f"{group}/{key}"):
                arrays[key] = np.asarray(item[()])
        if _RAGGED in found:
            arrays[_RAGGED] = ragged_integers(handle, f"{group}/{_RAGGED}", path)
    return arrays
