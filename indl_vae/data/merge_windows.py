"""Overlapping windows cross-faded into continuous time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indl_vae.data.windows import Windows
from indl_vae.errors import ConfigError, DataError


def merge(
    windows: Windows, values: np.ndarray | None = None, numbers: np.ndarray | None = None, power: float = 2.0
) -> np.ndarray | list[np.ndarray]:
    """Puts windows, or what a model made of them, back into continuous time.

    Where two windows overlap, the earlier one fades out by 1 - x^power and the later one fades in by x^power, where x
    runs from 1/overlap to 1 - 1/overlap: the cross-fade of AutoLFADS. Where more than two overlap, a window's weight is
    the product of its fades, and the weights of a bin are divided by their sum. What all windows of a bin agree in
    comes out as it went in, to the last digit: `merge(cut(x, window, overlap))` equals x.

    Args:
        windows: From `cut`.
        values: One entry a window, `(W, window, ...)`, such as rates or factors; the windows' own x by default.
        numbers: Which windows `values` holds, `(W,)`, in any order; all in their order by default.
        power: Exponent of the fade, above 0.

    Returns:
        `(T, ...)`, or a list of them where a list was cut; NaN at bins that none of the windows holds.

    Raises:
        ConfigError: The exponent is not above 0.
        DataError: The values do not belong to the windows.
    """
    if not (np.isfinite(power) and power > 0):
        raise ConfigError(f"power: {power!r}, expected an exponent above 0; 2 is that of AutoLFADS.")
    array = windows.x if values is None else np.asarray(values)
    order, array = _in_order(windows, array, numbers)
    merged = []
    for number, n_bins in enumerate(windows.recording_lengths):
        rows = np.flatnonzero(windows.recording[order] == number)
        chosen = order[rows]
        weights = fade_weights(windows.starts[chosen], windows.lengths[chosen], power)
        merged.append(_merge_one(array[rows], windows.starts[chosen], weights, int(n_bins)))
    return merged[0] if windows.single else merged


def merge_posterior(
    windows: Windows, posterior: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, np.ndarray | list[np.ndarray]]:
    """Merges the posterior arrays of several splits into continuous time.

    Args:
        windows: Those of which the data set was made (`dataset_from_recording`).
        posterior: By split: the arrays of `model.posterior`, and under "inds" the windows' numbers, `split.inds`.

    Returns:
        By name: `(T, ...)`, or a list of them; NaN at bins of no split (gaps). Arrays without a time axis are left out.

    Raises:
        DataError: A split has no inds, a window occurs twice, or an array does not belong to the windows.
    """
    if not posterior:
        raise DataError("posterior: no split; expected arrays by split: {'valid': {'inds': ..., 'rates': ...}}.")
    for split, arrays in posterior.items():
        if "inds" not in arrays:
            raise DataError(f"posterior: {split} has no 'inds' among {sorted(arrays)}; add the split's inds.")
    numbers = np.concatenate([np.asarray(arrays["inds"]) for arrays in posterior.values()])
    shared = set.intersection(*(set(arrays) for arrays in posterior.values())) - {"inds"}
    stacked = {
        name: np.concatenate([np.asarray(arrays[name]) for arrays in posterior.values()]) for name in sorted(shared)
    }
    return {
        name: merge(windows, array, numbers)
        for name, array in stacked.items()
        if array.ndim >= 3 and array.shape[1] == windows.window
    }


def fade_weights(starts: np.ndarray, lengths: np.ndarray, power: float = 2.0) -> list[np.ndarray]:
    """Returns each window's weights before they are divided by their sum in each bin.

    Args:
        starts: First bins, ascending, `(W,)`.
        lengths: Bins of each window, `(W,)`.
        power: Exponent of the fade.
    """
    weights = [np.ones(int(length)) for length in lengths]
    ends = starts + lengths
    for i in range(len(weights) - 1):
        overlap = int(ends[i] - starts[i + 1])
        if overlap > 0:
            fade_in = np.linspace(1 / overlap, 1 - 1 / overlap, overlap) ** power
            weights[i][-overlap:] *= 1 - fade_in
            weights[i + 1][:overlap] *= fade_in
    return weights


def _in_order(windows: Windows, array: np.ndarray, numbers: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Returns the windows' numbers in ascending order, and the values in that order."""
    count = len(windows.starts)
    given = np.arange(count) if numbers is None else np.asarray(numbers)
    if array.ndim < 2 or array.shape[:2] != (len(given), windows.window) or array.dtype.kind not in "biuf":
        raise DataError(
            f"values: have shape {array.shape} and type {array.dtype}, expected numbers (windows, bins, ...) of "
            f"{len(given)} windows of {windows.window} bins; give the numbers of the windows that they hold."
        )
    if given.dtype.kind not in "iu" or ((given < 0) | (given >= count)).any() or len(set(given.tolist())) < len(given):
        raise DataError(f"numbers: {given.tolist()[:20]}, expected window numbers 0 to {count - 1}, each at most once.")
    rows = np.argsort(given, kind="stable")
    return given[rows], array[rows]


def _merge_one(pieces: np.ndarray, starts: np.ndarray, weights: list[np.ndarray], n_bins: int) -> np.ndarray:
    """Merges the windows of one recording: the first value of each bin, plus the weighted deviations from it."""
    dtype = pieces.dtype if pieces.dtype.kind == "f" else np.dtype(np.float64)
    trailing = (1,) * (pieces.ndim - 2)
    total = np.zeros(n_bins)
    for start, weight in zip(starts, weights, strict=True):
        total[start : start + len(weight)] += weight
    base = np.full((n_bins, *pieces.shape[2:]), np.nan, dtype)
    change = np.zeros(base.shape)
    seen = np.zeros(n_bins, bool)
    for piece, start, weight in zip(pieces, starts, weights, strict=True):
        place = slice(int(start), int(start) + len(weight))
        new = ~seen[place]
        values = piece[: len(weight)].astype(dtype, copy=False)
        base[place][new] = values[new]
        seen[place] = True
        share = (weight / total[place]).reshape(-1, *trailing)
        # Equal infinite values would make NaN of their difference.
        same = values == base[place]
        with np.errstate(invalid="ignore"):
            deviation = np.subtract(values, base[place], dtype=np.float64)
            change[place] += share * np.where(same, 0.0, deviation)
    return (base + change).astype(dtype)
