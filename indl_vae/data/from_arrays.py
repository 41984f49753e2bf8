"""Arrays and lists of trials in memory, laid out under the file's key names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indl_vae.data.keys import FIELDS
from indl_vae.data.ragged import pad_trials
from indl_vae.data.session import RawSession
from indl_vae.errors import DataError

_FIELDS = tuple(name for name in FIELDS if name != "encod")


def session_of(splits: Mapping[str, Any], region_sizes: Any = None) -> RawSession:
    """Returns a session of the given splits.

    Args:
        splits: By split name: an array `(B, T, N)`, a list of trials `(T_i, N)`, or a dict of fields.
        region_sizes: Channels of each region, or None.

    Returns:
        The arrays under the file's keys; lists are padded to the longest trial of all splits.

    Raises:
        DataError: A field is unknown, or the trials of a list do not fit together.
    """
    fields = {name: _as_fields(name, value) for name, value in splits.items()}
    n_bins = max((len(trial) for split in fields.values() for trial in _trials(split["x"])), default=None)
    arrays: dict[str, np.ndarray] = {}
    for name, split in fields.items():
        arrays.update(_arrays_of_split(name, split, n_bins))
    # Truth in memory is in expected counts per bin, as everywhere but in files.
    arrays["conversion_factor"] = np.float64(1.0)
    if region_sizes is not None:
        arrays["region_sizes"] = region_sizes
    return RawSession.from_arrays(arrays)


def _as_fields(name: str, value: Any) -> dict[str, Any]:
    fields = dict(value) if isinstance(value, Mapping) else {"x": value}
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise DataError(
            f"memory: {name}: unknown entry {unknown[0]!r}, expected some of {', '.join(_FIELDS)}; rename it."
        )
    if fields.get("x") is None:
        raise DataError(
            f"memory: {name}: no 'x' among {sorted(fields)}; pass the data (trials, bins, channels) under 'x'."
        )
    return {key: entry for key, entry in fields.items() if entry is not None}


def _is_list_of_trials(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) > 0 and all(np.ndim(trial) >= 1 for trial in value)


def _trials(value: Any) -> Sequence[np.ndarray]:
    return value if _is_list_of_trials(value) else ()


def _arrays_of_split(name: str, split: Mapping[str, Any], n_bins: int | None) -> dict[str, np.ndarray]:
    arrays, ragged = {}, _is_list_of_trials(split["x"])
    for field, value in split.items():
        key = FIELDS[field].templates[0].format(name)
        if ragged and _is_list_of_trials(value):
            arrays[key], lengths = _pad(value, n_bins, f"memory: {key}")
            if field == "x" and len(set(lengths.tolist())) + (lengths < (n_bins or 0)).sum() > 1:
                arrays.setdefault(f"{name}_length", lengths)
            _check_same_lengths(split["x"], lengths, key)
        else:
            arrays[key] = value
    return arrays


def _pad(trials: Sequence[Any], n_bins: int | None, place: str) -> tuple[np.ndarray, np.ndarray]:
    arrays = [np.asarray(trial) for trial in trials]
    return pad_trials([array[:, None] if array.ndim == 1 else array for array in arrays], n_bins, place=place)


def _check_same_lengths(x: Sequence[np.ndarray], lengths: np.ndarray, key: str) -> None:
    expected = np.array([len(trial) for trial in x])
    if len(expected) != len(lengths) or (expected != lengths).any():
        raise DataError(f"memory: {key}: its trials have other lengths than those of x; give each trial's own bins.")
