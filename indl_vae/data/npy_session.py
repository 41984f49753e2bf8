"""A session of one .npy file: trials, or one recording, divided in the order of time."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from indl_vae.data.hdf5_read import file_sha256
from indl_vae.data.keys import FIELDS, SPLITS
from indl_vae.data.npy_file import read_npy
from indl_vae.data.npy_options import NpyOptions
from indl_vae.data.session import RawSession
from indl_vae.errors import DataError


def read_npy_session(path: Path, splits: Iterable[str] = SPLITS, options: NpyOptions | None = None) -> RawSession:
    """Reads trials `(N, T, dx)` or a recording `(T, dx)` and divides them: the last shares validate and test.

    Trials stay whole; those longer than seq_len are then cut into consecutive windows. A single trial is one recording:
    with seq_len its windows are divided, else its bins. Bins at the end that fill no window are left out.

    Args:
        path: The file.
        splits: Splits that are wanted; "test" alone, and no share set, makes all of the file the test split.
        options: How to divide; with `whole_if_short` a file too short for all splits is the test split.

    Returns:
        The arrays under the file's keys, `*_inds` numbering trials or windows in the order of the file. The checksum
        is that of the file, followed by that of the inputs.

    Raises:
        DataError: A file is missing, damaged or holds no such arrays, is too short for the splits, or the inputs are of
            another length.
    """
    options = options or NpyOptions()
    fields, sha256 = _read(path, options)
    parts = _parts(fields["x"], options, path) if options.divides(splits) else {"test": slice(None)}
    arrays = {
        FIELDS[field].templates[0].format(name): _take(values, part, options.seq_len)
        for field, values in fields.items()
        for name, part in parts.items()
    }
    _warn_of_rest(fields["x"], options.seq_len, path)
    return RawSession(str(path), arrays | _numbers(arrays), None, sha256)


def _read(path: Path, options: NpyOptions) -> tuple[dict[str, np.ndarray], str]:
    """Returns the arrays `(N, T, K)` by field, and the checksum."""
    fields, sha256 = {"x": _as_trials(read_npy(path), path)}, file_sha256(path)
    if options.inputs_path is None:
        return fields, sha256
    inputs = find_inputs(options.inputs_path, path)
    fields["ext_input"] = _as_trials(read_npy(inputs), inputs)
    _check_alike(fields["x"], fields["ext_input"], path, inputs)
    return fields, f"{sha256}-{file_sha256(inputs)}"


def find_inputs(inputs_path: str | os.PathLike[str], data: Path) -> Path:
    """Returns the file of the inputs: a relative path counts from the data's folder, else from the working folder.

    Raises:
        DataError: It is in neither.
    """
    beside = data.parent / inputs_path
    found = next((file for file in (beside, Path(inputs_path)) if file.is_file()), None)
    if found is None:
        raise DataError(
            f"inputs_path: {os.fspath(inputs_path)}: no such file, neither beside {data} nor in the working folder; "
            "expected a .npy file of the inputs."
        )
    return found


def _as_trials(array: np.ndarray, path: Path) -> np.ndarray:
    if array.ndim not in (2, 3) or array.size == 0:
        raise DataError(
            f"{path}: has shape {array.shape}, expected (trials, bins, channels) or, for one recording, (bins, "
            "channels), at least one of each; one channel: array[..., None]."
        )
    return array[None] if array.ndim == 2 else array


def _check_alike(x: np.ndarray, inputs: np.ndarray, path: Path, inputs_path: Path) -> None:
    if x.shape[:2] != inputs.shape[:2]:
        raise DataError(
            f"{inputs_path}: has {inputs.shape[0]} trials of {inputs.shape[1]} bins, {path} has {x.shape[0]} of "
            f"{x.shape[1]}; give the inputs of these data, bin by bin."
        )


def _parts(x: np.ndarray, options: NpyOptions, path: Path) -> dict[str, slice]:
    """Returns which trials, or of a single trial `(1, T, K)` which windows or bins, each split has."""
    n_windows = len(_cut(x, options.seq_len))
    if len(x) > 1:
        n, what = len(x), "trials"
    elif n_windows > 1:
        n, what = n_windows, f"windows of {options.seq_len} bins"
    else:
        n, what = x.shape[1], "bins"
    n_valid, n_test = (max(1, round(n * share)) if share > 0 else 0 for share in options.shares)
    n_train = n - n_valid - n_test
    if n_train < 1 and options.whole_if_short:
        return {"test": slice(None)}
    if n_train < 1:
        raise DataError(
            f"{path}: has {n} {what}, too few for {n_valid} to validate and {n_test} to test on and one to train on; "
            "give more data, a smaller seq_len, or test_share=0. New data for a trained model: splits='test'."
        )
    ends = np.cumsum([0, n_train, n_valid, n_test])
    parts = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(SPLITS)}
    return parts if n_test else {name: parts[name] for name in SPLITS[:2]}


def _take(values: np.ndarray, part: slice, seq_len: int | None) -> np.ndarray:
    """Returns a part of values `(N, T, K)`, as windows `(B, T, K)`."""
    if len(values) > 1:
        return _cut(values[part], seq_len)
    windows = _cut(values, seq_len)
    return windows[part] if len(windows) > 1 else values[:, part]


def _cut(values: np.ndarray, seq_len: int | None) -> np.ndarray:
    """Returns trials `(N, T, K)` as consecutive windows `(N * k, seq_len, K)`, or as they are if they are no longer."""
    if seq_len is None or values.shape[1] <= seq_len:
        return values
    n_windows = values.shape[1] // seq_len
    return values[:, : n_windows * seq_len].reshape(-1, seq_len, values.shape[2])


def _warn_of_rest(x: np.ndarray, seq_len: int | None, path: Path) -> None:
    rest = 0 if seq_len is None or x.shape[1] <= seq_len else x.shape[1] % seq_len
    if rest:
        warnings.warn(
            f"{path}: the last {rest} bins of each of {len(x)} trials fill no window of seq_len {seq_len} and are left "
            "out.",
            UserWarning,
            stacklevel=5,
        )


def _numbers(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    numbers, first = {}, 0
    for name in SPLITS:
        if (key := FIELDS["x"].templates[0].format(name)) in arrays:
            numbers[FIELDS["inds"].templates[0].format(name)] = np.arange(first, first + len(arrays[key]))
            first += len(arrays[key])
    return numbers
