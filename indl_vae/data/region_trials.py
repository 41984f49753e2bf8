"""Trials of several regions, as lists: what a user's loader returns and what files of trials hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from indl_vae.errors import DataError


class RegionTrials(NamedTuple):
    """Trials, checked; unpacks like what a loader returns.

    Attributes:
        ys: Trials `(T_i, N)`, channels in the order of the regions.
        us: Their external inputs `(T_i, U)`, or None.
        region_sizes: Channels of each region; they add up to N.
        num_regions: Number of regions.
    """

    ys: list[np.ndarray]
    us: list[np.ndarray] | None
    region_sizes: tuple[int, ...]
    num_regions: int


def as_region_trials(
    ys: Any, us: Any = None, region_sizes: Any = None, num_regions: Any = None, place: str = "trials"
) -> RegionTrials:
    """Checks trials of several regions.

    Args:
        ys: A list of trials `(T_i, N)`, or an array `(n, T, N)`.
        us: External inputs, likewise with U in place of N; None for none.
        region_sizes: Channels of each region. Where they add up to less than N, the channels at the end are padding and
            are left out. None: a single region.
        num_regions: How many regions there are, if that is to be checked.
        place: Where the trials are from, for messages.

    Returns:
        The trials; arrays are not copied.

    Raises:
        DataError: A trial is no array of numbers (bins, channels), its inputs have another length, or the regions do
            not fit the channels.
    """
    trials = _trials(ys, f"{place}: ys")
    inputs = None if us is None else _trials(us, f"{place}: us")
    if inputs is not None:
        _check_lengths(trials, inputs, place)
    n_channels = trials[0].shape[1]
    sizes = _sizes(region_sizes, n_channels, f"{place}: region_sizes")
    if num_regions is not None and num_regions != len(sizes):
        raise DataError(
            f"{place}: num_regions: {num_regions!r}, expected {len(sizes)}, the number of region_sizes {list(sizes)}; "
            "return len(region_sizes)."
        )
    used = sum(sizes)
    trials = trials if used == n_channels else [trial[:, :used] for trial in trials]
    return RegionTrials(trials, inputs, sizes, len(sizes))


def _trials(values: Any, place: str) -> list[np.ndarray]:
    """Returns the trials of a list or of an array, after checking that they are of one width."""
    if not isinstance(values, (Sequence, np.ndarray)) or isinstance(values, (str, bytes)):
        raise DataError(
            f"{place}: is a {type(values).__name__}, expected a list of trials (bins, channels), or an array (trials, "
            "bins, channels)."
        )
    trials = [_numbers(trial, f"{place}: trial {i}") for i, trial in enumerate(values)]
    if not trials:
        raise DataError(f"{place}: no trials; expected at least one array (bins, channels).")
    for i, trial in enumerate(trials):
        if trial.shape[1] != trials[0].shape[1]:
            raise DataError(
                f"{place}: trial {i} has {trial.shape[1]} columns, trial 0 has {trials[0].shape[1]}; every trial needs "
                "the same ones, in the same order."
            )
    return trials


def _numbers(trial: Any, place: str) -> np.ndarray:
    try:
        array = np.asarray(trial)
    except ValueError as error:
        raise DataError(f"{place}: is no regular array ({error}); expected numbers (bins, channels).") from error
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        raise DataError(
            f"{place}: has shape {array.shape} and type {array.dtype}, expected numbers (bins, channels); one channel: "
            "array[:, None]."
        )
    if 0 in array.shape:
        raise DataError(f"{place}: has shape {array.shape}, expected at least one bin and one channel; leave it out.")
    return array


def _check_lengths(ys: list[np.ndarray], us: list[np.ndarray], place: str) -> None:
    if len(ys) != len(us):
        raise DataError(f"{place}: us: has {len(us)} trials, ys has {len(ys)}; give the inputs of every trial.")
    for i, (y, u) in enumerate(zip(ys, us, strict=True)):
        if len(y) != len(u):
            raise DataError(
                f"{place}: us: trial {i} has {len(u)} bins, that of ys has {len(y)}; give an input for every bin."
            )


def _sizes(region_sizes: Any, n_channels: int, place: str) -> tuple[int, ...]:
    if region_sizes is None:
        return (n_channels,)
    try:
        sizes = np.asarray(region_sizes, np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise DataError(f"{place}: {region_sizes!r}, expected a list of numbers of channels.") from error
    whole = np.isfinite(sizes) & (sizes == np.rint(sizes)) & (sizes >= 1)
    if not len(sizes) or not whole.all() or sizes.sum() > n_channels:
        raise DataError(
            f"{place}: {[float(f'{size:g}') for size in sizes[:20]]}, expected whole numbers from 1 up that add up to "
            f"the {n_channels} channels of ys, or to fewer where the channels at the end are padding; correct it."
        )
    return tuple(int(size) for size in sizes)
