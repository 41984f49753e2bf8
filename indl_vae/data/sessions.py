"""Several recording sessions, with channels of their own each, as one data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.keys import SPLITS
from indl_vae.data.sequences import number_sequences
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from indl_vae.typing import SessionSpec

#: Axes of a split's arrays that differ in length between sessions; the others must agree.
_BINS, _CHANNELS = 1, 2


def join_sessions(parts: Mapping[str, Dataset], places: Sequence[SessionSpec] = ()) -> Dataset:
    """Returns one data set of the trials of all sessions.

    Trials lie one session after the other; `Split.session` numbers them. Missing channels and bins are padding at the
    end, where the mask is 0: channel 3 of one session has nothing to do with channel 3 of another.

    Args:
        parts: The sessions' data sets by name.
        places: Sessions of a trained model; the data then get its numbers and its number of channels. Without, the
            sessions are numbered in the order of `parts`.

    Raises:
        DataError: There is no session, bin widths or external inputs differ, a split is there in some sessions only,
            or a session is not one of the model's, or has another number of channels there.
    """
    if not parts:
        raise DataError("sessions: none; expected at least one data set.")
    numbers = _numbers(parts, places)
    _check_alike(parts)
    width = max([place.n_channels for place in places], default=0)
    width = max([width, *(part.spec.n_channels for part in parts.values())])
    splits = {name: _join(name, parts, numbers, width) for name in SPLITS if _has(parts, name)}
    first = next(iter(parts.values()))
    joined = replace(
        first,
        **{name: splits.get(name) for name in SPLITS},
        source=", ".join(part.source for part in parts.values()),
        sha256="-".join(part.sha256 for part in parts.values()),
        region_sizes=None,
        alignment={},
        ignored=tuple(sorted({key for part in parts.values() for key in part.ignored})),
        heldout_channels=_common(parts, "heldout_channels"),
        heldout_bins=_common(parts, "heldout_bins"),
        parts=dict(parts),
        places=tuple(places) or tuple(part.place(name) for name, part in parts.items()),
    )
    return number_sequences(joined)


def add_sessions(dataset: Dataset, places: Sequence[SessionSpec], name: str = "") -> Dataset:
    """Returns a data set for a model that has the sessions `places` and gets those of the data set besides.

    Args:
        dataset: Of one session or of several; those that the model has keep their numbers.
        places: Sessions of the trained model.
        name: Of the session, where the data set is of one; the name of its file by default.

    Raises:
        DataError: As `join_sessions`.
    """
    parts = dict(dataset.parts) or {name or _stem(dataset): dataset}
    known = {place.name for place in places}
    return join_sessions(parts, [*places, *(part.place(new) for new, part in parts.items() if new not in known)])


def name_like(source: str, known: Mapping[str, str]) -> str:
    """Returns the name of a new session, from its file and from the files of known sessions by name.

    What the known files' names have before the sessions' names, a stem, is left out of the new one too.
    """
    stem = _without_suffix(source)
    for name, file in known.items():
        shared = _without_suffix(file).removesuffix(name)
        if shared and shared != _without_suffix(file) and stem.startswith(shared) and stem != shared:
            return stem.removeprefix(shared)
    return stem


def arrange_sessions(dataset: Dataset, places: Sequence[SessionSpec]) -> Dataset:
    """Returns a data set, of one session or of several, as a model of the sessions `places` takes it.

    A session of another name is taken for the one whose name its file's name ends with.

    Raises:
        DataError: As `join_sessions`.
    """
    parts = dataset.parts or {"": dataset}
    return join_sessions({_session_of_file(name, part, places): part for name, part in parts.items()}, places)


def _session_of_file(name: str, dataset: Dataset, places: Sequence[SessionSpec]) -> str:
    stem = _stem(dataset)
    if name in {place.name for place in places}:
        return name
    named = [place.name for place in places if stem == place.name or stem.endswith(f"_{place.name}")]
    if len(places) == 1:
        return places[0].name
    if not named:
        raise DataError(
            f"{dataset.source}: is no session of the model, whose sessions are {_listed(places)}; a file's name ends "
            "with the name of its session. Name the file so, or add the session to the model."
        )
    return max(named, key=len)


def _stem(dataset: Dataset) -> str:
    return _without_suffix(dataset.source)


def _without_suffix(source: str) -> str:
    name = source.rsplit("/", 1)[-1]
    for suffix in (".h5", ".hdf5", ".nwb", ".npy", ".npz", ".mat"):
        name = name.removesuffix(suffix)
    return name


def _numbers(parts: Mapping[str, Dataset], places: Sequence[SessionSpec]) -> dict[str, int]:
    if not places:
        return {name: number for number, name in enumerate(parts)}
    known = {place.name: (number, place.n_channels) for number, place in enumerate(places)}
    for name, part in parts.items():
        if name not in known:
            raise DataError(f"{part.source}: session {name!r} is none of the model's, which are {_listed(places)}.")
        if part.spec.n_channels != known[name][1]:
            raise DataError(
                f"{part.source}: session {name!r} has {part.spec.n_channels} channels, the model has "
                f"{known[name][1]} for it; give the same channels in the same order."
            )
    return {name: known[name][0] for name in parts}


def _check_alike(parts: Mapping[str, Dataset]) -> None:
    first = next(iter(parts.values()))
    for name, part in parts.items():
        if part.worms is not None and len(parts) > 1:
            raise DataError(
                f"{part.source}: session {name!r} holds worms, expected sessions whose channels are their own; put all "
                "animals into one file (write_worms): identities tell their neurons apart."
            )
        for what, of in (("bin_width_s", lambda d: d.bin_width_s), ("ext_input dims", lambda d: d.spec.ext_input_dim)):
            if of(part) != of(first):
                raise DataError(
                    f"{part.source}: session {name!r} has {what} {of(part)}, the first session has {of(first)}; all "
                    "sessions of a model must agree."
                )
        if part.splits.keys() != first.splits.keys():
            raise DataError(
                f"{part.source}: session {name!r} has the splits {', '.join(part.splits)}, the first session has "
                f"{', '.join(first.splits)}; give every session the same splits."
            )


def _has(parts: Mapping[str, Dataset], split: str) -> bool:
    return split in next(iter(parts.values())).splits


def _common(parts: Mapping[str, Dataset], name: str) -> int:
    values = {getattr(part, name) for part in parts.values()}
    if len(values) > 1:
        raise DataError(
            f"sessions: their files keep {sorted(values)} {name.replace('_', ' ')} from the encoder; set "
            f"{name} to choose one number for all."
        )
    return values.pop()


def _join(name: str, parts: Mapping[str, Dataset], numbers: Mapping[str, int], n_channels: int) -> Split:
    splits = {session: part.splits[name] for session, part in parts.items()}
    n_bins = max(split.n_bins for split in splits.values())
    ragged = any(split.lengths is not None or split.n_bins < n_bins for split in splits.values())
    padded = [_padded(split, numbers[session], n_bins, n_channels, ragged) for session, split in splits.items()]
    arrays = {
        item.name: _concatenated([getattr(split, item.name) for split in padded])
        for item in fields(Split)
        if item.name not in ("name", "extras")
    }
    shared = set.intersection(*(set(split.extras) for split in padded))
    extras = {key: np.concatenate([split.extras[key] for split in padded]) for key in _alike(padded, shared)}
    return Split(name=name, extras=extras, **arrays)


def _padded(split: Split, number: int, n_bins: int, n_channels: int, ragged: bool) -> Split:
    """Returns a session's split in the common shape, with its mask and its number; with lengths if `ragged`."""

    def pad(array: Any, to_channels: int | None = None) -> Any:
        if array is None:
            return None
        channels = array.shape[_CHANNELS] if to_channels is None else to_channels
        room = [(0, 0), (0, n_bins - array.shape[_BINS]), (0, channels - array.shape[_CHANNELS])]
        return np.pad(array, room)

    lengths = split.lengths if split.lengths is not None else np.full(split.n_trials, split.n_bins, np.int64)
    return replace(
        split,
        x=pad(split.x, n_channels),
        mask=pad(np.ones_like(split.x) if split.mask is None else split.mask, n_channels),
        truth=pad(split.truth, n_channels),
        ext_input=pad(split.ext_input),
        behavior=pad(split.behavior),
        lengths=lengths if ragged else None,
        session=np.full(split.n_trials, number, np.int64),
    )


def _concatenated(arrays: list[np.ndarray | None]) -> np.ndarray | None:
    """Returns the arrays one after the other; None where a session has none, or none of the same width."""
    known = [array for array in arrays if array is not None]
    if len(known) < len(arrays) or len({array.shape[1:] for array in known}) > 1:
        return None
    return np.concatenate(known)


def _alike(splits: list[Split], names: set[str]) -> list[str]:
    return sorted(key for key in names if len({split.extras[key].shape[1:] for split in splits}) == 1)


def _listed(places: Sequence[SessionSpec]) -> str:
    return ", ".join(f"{place.name} ({place.n_channels} channels)" for place in places)
