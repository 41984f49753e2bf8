"""Which trials the benchmark calls train and eval, and in which order."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from indl_vae.errors import ConfigError, DataError

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset

#: The split that is evaluated -> the splits that are the benchmark's training trials.
TRAINING_SPLITS = {"valid": ("train",), "test": ("train", "valid")}


def splits_of(dataset: Dataset, evaluated: str) -> tuple[str, ...]:
    """Returns the names of the splits that make the training trials when `evaluated` is scored.

    Raises:
        ConfigError: `evaluated` is neither "valid" nor "test".
        DataError: The data have no such split, or several sessions.
    """
    if len(dataset.parts) > 1:
        raise DataError(
            f"{dataset.source}: has {len(dataset.parts)} sessions, expected one: a data set of the benchmark is one "
            "session. Give the file of one of them, or what indl_vae.analysis.session_views makes of model and data."
        )
    if evaluated not in TRAINING_SPLITS:
        raise ConfigError(f"eval split: {evaluated!r}, expected {' or '.join(TRAINING_SPLITS)}.")
    missing = [name for name in (*TRAINING_SPLITS[evaluated], evaluated) if name not in dataset.splits]
    if missing:
        raise DataError(f"{dataset.source}: has no {missing[0]} split, which the eval split {evaluated!r} needs.")
    return TRAINING_SPLITS[evaluated]


def in_order(dataset: Dataset, names: tuple[str, ...], arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns the trials of one or several splits in the order of the recording, which is that of their `inds`.

    Trials that cannot be told apart by their numbers (a file without `inds`) stay in the order of the splits, with a
    warning where there are several splits.

    Args:
        dataset: The data.
        names: The splits.
        arrays: By split, the trials first.

    Raises:
        DataError: The splits have trials of different shapes.
    """
    shapes = {name: arrays[name].shape[1:] for name in names}
    if len(set(shapes.values())) > 1:
        raise DataError(f"{dataset.source}: trials of different shapes cannot be joined: {shapes}.")
    joined = np.concatenate([arrays[name] for name in names])
    inds = np.concatenate([dataset.splits[name].inds for name in names])
    if len(np.unique(inds)) == len(inds):
        return joined[np.argsort(inds, kind="stable")]
    if len(names) > 1:
        warnings.warn(
            f"{dataset.source}: trials of {' and '.join(names)} have the same numbers (inds); the splits are joined "
            "one after the other, which may not be the order of the target file.",
            stacklevel=2,
        )
    return joined
