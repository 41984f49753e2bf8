"""Matrices that bring the channels of several sessions into one space, from their condition averages.

Source: the multi-session LFADS of Pandarinath et al. (2018), Nature Methods 15, 805: principal components of the
condition-averaged, smoothed activity of all sessions' channels together, then least squares from each session's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.errors import ConfigError, DataError

_FILTER_BINS = 6


class Alignment(NamedTuple):
    """A session's way into the common space: `(x - bias) @ matrix`.

    Attributes:
        matrix: `(N, P)` float32.
        bias: `(N,)` float32, in counts per bin.
    """

    matrix: np.ndarray
    bias: np.ndarray


def align_datasets(parts: Mapping[str, Dataset], n_components: int) -> dict[str, Alignment]:
    """Returns the alignment of each session from the condition averages of its training trials.

    Args:
        parts: The sessions by name. All must have trials of the same conditions.
        n_components: Dimensions P of the common space.

    Raises:
        ConfigError: There are fewer channels in all than components.
        DataError: A session has no conditions, or others than the first.
    """
    averages, first = {}, None
    for name, part in parts.items():
        if part.train.condition is None:
            raise DataError(
                f"{part.source}: session {name!r} has no train_condition, by which its trials would be averaged. Add "
                "it, or set alignment = 'random'."
            )
        conditions = np.unique(part.train.condition)
        first = conditions if first is None else first
        if not np.array_equal(conditions, first):
            raise DataError(
                f"{part.source}: session {name!r} has the conditions {conditions.tolist()[:10]}, the first session has "
                f"{first.tolist()[:10]}. Give all sessions trials of the same conditions, or set alignment = 'random'."
            )
        averages[name] = condition_averages(part.train.x, part.train.condition)
    return align_averages(averages, n_components)


def align_averages(averages: Mapping[str, np.ndarray], n_components: int) -> dict[str, Alignment]:
    """Returns the alignment of each session from its condition averages `(conditions, T, N)`; otherwise as above."""
    flat = {name: _smooth(average).reshape(-1, average.shape[-1]) for name, average in averages.items()}
    joint = np.concatenate(list(flat.values()), axis=1)
    if not 1 <= n_components <= joint.shape[1]:
        raise ConfigError(
            f"n_components: {n_components}, expected 1 to {joint.shape[1]}, the channels of all sessions."
        )
    components = _principal_components(joint - joint.mean(axis=0), n_components)
    aligned = {}
    for name, rows in flat.items():
        bias = rows.mean(axis=0)
        matrix = np.linalg.lstsq(rows - bias, components, rcond=None)[0]
        aligned[name] = Alignment(matrix.astype(np.float32), bias.astype(np.float32))
    return aligned


def condition_averages(x: np.ndarray, condition: np.ndarray) -> np.ndarray:
    """Returns the mean over the trials of each condition, `(conditions, T, N)`, in the order of their numbers."""
    return np.stack([x[condition == c].mean(axis=0, dtype=np.float64) for c in np.unique(condition)])


def _smooth(averages: np.ndarray) -> np.ndarray:
    """Returns each condition's average smoothed by itself, forth and back, where trials are long enough for it."""
    from scipy.signal import filtfilt

    padding = min(3 * _FILTER_BINS, averages.shape[1] - 1)
    return filtfilt(np.full(_FILTER_BINS, 1.0 / _FILTER_BINS), 1.0, averages, axis=1, padlen=padding)


def _principal_components(centred: np.ndarray, n_components: int) -> np.ndarray:
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return centred @ vectors[:, ::-1][:, :n_components]
