"""What is in a data file: sessions, shapes, units, rates, and what looks suspicious."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indl_vae.data.assemble import assemble
from indl_vae.data.inspect_worms import windows_of_worms
from indl_vae.data.keys import SPLITS, find_key
from indl_vae.data.load import load_dataset
from indl_vae.data.paths import find_sessions
from indl_vae.data.session import RawSession
from indl_vae.data.session_read import read_session
from indl_vae.data.suspicions import channel_means, constant_channels, duplicate_channels, fast_channels, list_channels
from indl_vae.data.validate import to_float32
from indl_vae.data.worms.worm_source import is_worms
from indl_vae.errors import DataError


@dataclass(frozen=True)
class ArraySummary:
    """One stored array: its key, shape, type as stored, and number of NaN entries."""

    key: str
    shape: tuple[int, ...]
    dtype: str
    n_nan: int


@dataclass(frozen=True)
class SplitSummary:
    """One split's values.

    Attributes:
        name: Name of the split.
        n_trials: Trials.
        n_bins: Bins.
        n_channels: Channels.
        mean_per_bin: Mean value per bin over observed entries, all channels.
        channel_range: Smallest and largest mean of a channel, per bin.
        mean_hz: Mean rate in Hz, or None where the bin width is unknown.
        suspicious: Remarks on single channels and entries.
    """

    name: str
    n_trials: int
    n_bins: int
    n_channels: int
    mean_per_bin: float
    channel_range: tuple[float, float]
    mean_hz: float | None
    suspicious: tuple[str, ...]


@dataclass(frozen=True)
class SessionSummary:
    """One file.

    Attributes:
        path: The file.
        sha256: Its checksum.
        bin_width_s: Bin width in seconds, or None when unknown.
        arrays: Every array that the library reads.
        splits: The splits.
        ignored: Keys that the library does not read.
        likelihood: "poisson" when all values are counts, else "gaussian"; what `problem` was found under.
        problem: Why the file would not load, or None.
        warnings: What loading warns of.
        notes: What the file holds beside arrays, such as the animals of recordings of worms.
    """

    path: str
    sha256: str
    bin_width_s: float | None
    arrays: tuple[ArraySummary, ...]
    splits: tuple[SplitSummary, ...]
    ignored: tuple[str, ...]
    likelihood: str
    problem: str | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSummary:
    """What a path or FOLDER/STEM holds.

    Attributes:
        sessions: A summary for each session.
        problem: Why sessions that load one by one are no data set together, or None.
    """

    sessions: tuple[SessionSummary, ...]
    problem: str | None = None


def inspect_data(path: str | os.PathLike[str], bin_width_s: float | None = None) -> DataSummary:
    """Looks into a file, or into all sessions of FOLDER/STEM.

    Args:
        path: A file or FOLDER/STEM; an NWB file is read with the defaults of `load_nwb`.
        bin_width_s: Width of a bin in seconds, where the file does not state it.

    Returns:
        The summary; values that would keep the file from loading are reported, not raised.

    Raises:
        ConfigError: pynwb is needed and not installed, or the bin width of an NWB file is out of its range.
        DataError: A file is missing, damaged, or not safe to read.
    """
    files = find_sessions(path)
    sessions = tuple(_inspect_file(file, bin_width_s) for file in files)
    loads = all(session.problem is None for session in sessions)
    return DataSummary(sessions, _joint_problem(path, sessions, bin_width_s) if loads and len(sessions) > 1 else None)


def _joint_problem(
    path: str | os.PathLike[str], sessions: tuple[SessionSummary, ...], bin_width_s: float | None
) -> str | None:
    """Returns why sessions cannot be loaded as one data set, None if they can."""
    likelihoods = {session.likelihood for session in sessions}
    if len(likelihoods) > 1:
        return f"some hold counts, others do not (likelihoods {', '.join(sorted(likelihoods))})"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told of each session already
        try:
            load_dataset(path, likelihood=likelihoods.pop(), missing="mask", bin_width_s=bin_width_s)
        except DataError as error:
            return str(error)
    return None


def _inspect_file(path: Path, bin_width_s: float | None) -> SessionSummary:
    if not is_worms(path):
        return _inspect_session(read_session(path, bin_width_s=bin_width_s), bin_width_s)
    session, notes, problem, remarks = windows_of_worms(path)
    found = _inspect_session(session, bin_width_s)
    # What is said of single channels is of none here: a channel is another neuron in every animal.
    splits = tuple(replace(split, suspicious=()) for split in found.splits)
    warned = (*remarks, *found.warnings)
    return replace(found, splits=splits, notes=notes, problem=problem or found.problem, warnings=warned)


def _inspect_session(session: RawSession, bin_width_s: float | None) -> SessionSummary:
    width = bin_width_s if bin_width_s is not None else session.bin_width_s
    values = {name: value for name in SPLITS if (value := _values(session, name)) is not None}
    likelihood = "poisson" if all(_are_counts(x) for x in values.values()) else "gaussian"
    problem, remarks = _try_loading(session, tuple(values), likelihood, bin_width_s)
    return SessionSummary(
        path=session.source,
        sha256=session.sha256,
        bin_width_s=width,
        arrays=tuple(_summarise_array(key, array) for key, array in session.arrays.items()),
        splits=tuple(
            _summarise_split(name, x, _seen(session, name, x), width, likelihood) for name, x in values.items()
        ),
        ignored=session.ignored,
        likelihood=likelihood,
        problem=problem,
        warnings=remarks,
    )


def _values(session: RawSession, split: str) -> np.ndarray | None:
    key = find_key(session.arrays, split, "x") or find_key(session.arrays, split, "encod")
    array = None if key is None else session.arrays[key]
    return to_float32(array) if array is not None and array.ndim == 3 and array.size else None


def _seen(session: RawSession, split: str, x: np.ndarray) -> np.ndarray:
    """Returns which entries are observed, `(B, T, N)`; a mask of another shape is left to the checks of loading."""
    key, finite = find_key(session.arrays, split, "mask"), np.isfinite(x)
    if key is None or session.arrays[key].shape not in (x.shape, x.shape[:2]):
        return finite
    mask = session.arrays[key] > 0
    return finite & (mask if mask.ndim == 3 else mask[:, :, None])


def _are_counts(x: np.ndarray) -> bool:
    seen = x[np.isfinite(x)]
    return bool((seen == np.rint(seen)).all() and (seen >= 0).all())


def _try_loading(
    session: RawSession, splits: tuple[str, ...], likelihood: str, bin_width_s: float | None
) -> tuple[str | None, tuple[str, ...]]:
    """Returns why the session would not load (None: it does), and the warnings that come with it."""
    missing = [name for name in SPLITS[:2] if name not in splits]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            assemble(session, splits + tuple(missing), likelihood=likelihood, bin_width_s=bin_width_s)
            problem = None
        except DataError as error:
            problem = str(error)
    return problem, tuple(str(warning.message) for warning in caught)


def _summarise_array(key: str, array: np.ndarray) -> ArraySummary:
    n_nan = int(np.isnan(array).sum()) if array.dtype.kind == "f" else 0
    return ArraySummary(key, tuple(array.shape), str(array.dtype), n_nan)


def _summarise_split(
    name: str, x: np.ndarray, finite: np.ndarray, width: float | None, likelihood: str
) -> SplitSummary:
    clean = np.where(finite, x, np.float32(0))
    means = channel_means(clean, finite)
    seen = means[np.isfinite(means)]
    mean = float(seen.mean()) if seen.size else 0.0
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 0.0)
    counts = likelihood == "poisson"
    hz = mean / width if width and counts else None
    suspicious = tuple(_remarks(x, clean, finite, means, width, counts))
    return SplitSummary(name, *x.shape, mean, (low, high), hz, suspicious)


def _remarks(
    x: np.ndarray, clean: np.ndarray, finite: np.ndarray, means: np.ndarray, width: float | None, counts: bool
) -> list[str]:
    remarks: list[str] = []
    constant = constant_channels(clean, finite)
    if len(constant):
        remarks.append(f"{'silent or constant' if counts else 'constant'} channels: {list_channels(constant)}")
    if pairs := duplicate_channels(clean):
        listed = ", ".join(f"{first} = {copy}" for first, copy in pairs[:10])
        remarks.append(f"channels that are copies of others: {listed}" + (" and more" if len(pairs) > 10 else ""))
    fast = fast_channels(means, width) if counts else np.zeros(0, np.int64)
    if len(fast):
        remarks.append(f"channels with very high rates: {list_channels(fast)}")
    for kind, bad in (("NaN", np.isnan(x)), ("infinite", np.isinf(x))):
        if bad.any():
            remarks.append(
                f"{int(bad.sum())} {kind} entries in channels {list_channels(np.flatnonzero(bad.any((0, 1))))}"
            )
    return remarks
