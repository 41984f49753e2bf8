"""Checks of arrays, one small step each; every message says where, what was expected, what came and how to mend it."""

from __future__ import annotations

import numpy as np

from indl_vae.errors import DataError

COUNT_LIKELIHOODS = frozenset({"poisson", "negative_binomial"})
LEVEL_LIKELIHOODS = frozenset({"ordinal", "categorical"})
NON_NEGATIVE_LIKELIHOODS = COUNT_LIKELIHOODS | LEVEL_LIKELIHOODS | {"gamma", "zero_inflated_gamma"}
_AXIS_NAMES = {"B": "trials", "T": "bins", "N": "channels", "K": "dims"}


def describe_axes(axes: str) -> str:
    """Returns a shape such as "BTN" in words: "(trials, bins, channels)"."""
    return "(" + ", ".join(_AXIS_NAMES[axis] for axis in axes) + ")"


def first_place(bad: np.ndarray) -> str:
    """Returns where the first True of a `(B, T, N)`, `(B, T)` or `(B,)` array is: "trial 2, bin 0 (and 3 more)"."""
    index = np.unravel_index(int(np.argmax(bad)), bad.shape)
    place = ", ".join(f"{name} {i}" for name, i in zip(("trial", "bin", "channel"), index, strict=False))
    more = int(np.count_nonzero(bad)) - 1
    return place + (f" (and {more} more)" if more else "")


def to_float32(array: np.ndarray) -> np.ndarray:
    """Returns a C-ordered float32 array; what float32 cannot hold becomes infinite, which the checks then report."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def check_axes(array: np.ndarray, axes: tuple[str, ...], sizes: dict[str, int], place: str) -> None:
    """Checks the number of axes and the size of each named one.

    Args:
        array: The array.
        axes: Shapes allowed, such as ("BT", "BTN").
        sizes: Sizes that are already known, by axis letter.
        place: File and key, for the message.

    Raises:
        DataError: No allowed shape fits.
    """
    names = next((names for names in axes if len(names) == array.ndim), None)
    shapes = " or ".join(describe_axes(names) for names in axes)
    if names is None:
        raise DataError(
            f"{place}: has shape {array.shape}, expected {shapes}; "
            "add or remove an axis (one trial: shape (1, bins, channels); one channel: (trials, bins, 1))."
        )
    wanted = tuple(sizes.get(name, size) for name, size in zip(names, array.shape, strict=True))
    if wanted != array.shape:
        swapped = "; bins and channels look swapped, transpose it" if _is_swapped(array.shape, wanted) else ""
        raise DataError(
            f"{place}: has shape {array.shape}, expected {wanted}, that is {shapes}, as the data have{swapped}."
        )


def _is_swapped(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) == 3 and (shape[0], shape[2], shape[1]) == wanted


def check_not_empty(x: np.ndarray, place: str) -> None:
    """Raises DataError where there is no trial, no bin or no channel in `x` `(B, T, N)`."""
    for size, name in zip(x.shape, ("trials", "bins", "channels"), strict=True):
        if size == 0:
            raise DataError(
                f"{place}: has shape {x.shape}, that is no {name}; expected at least one, write the file again."
            )


def check_finite(array: np.ndarray, place: str, remedy: str) -> None:
    """Raises DataError at the first NaN or infinite entry."""
    bad = ~np.isfinite(array)
    if bad.any():
        kind = "NaN" if np.isnan(array[bad][0]) else "an infinite value"
        raise DataError(f"{place}: {kind} at {first_place(bad)}; {remedy}.")


def check_no_infinite(x: np.ndarray, place: str) -> None:
    """Raises DataError at the first infinite entry (or one too large for float32)."""
    bad = np.isinf(x)
    if bad.any():
        raise DataError(f"{place}: an infinite value at {first_place(bad)}, expected finite numbers; correct the data.")


def has_non_negative_mean(likelihood: str) -> bool:
    """Whether the expected value of an observation cannot be negative under the likelihood."""
    return likelihood.lower() in NON_NEGATIVE_LIKELIHOODS | {"bernoulli"}


def holds_levels(likelihood: str) -> bool:
    """Whether data under the likelihood are numbers of levels or classes, which neither count nor measure anything."""
    return likelihood.lower() in LEVEL_LIKELIHOODS


def check_not_negative(array: np.ndarray, place: str, remedy: str) -> None:
    """Raises DataError at the first negative entry."""
    if (array < 0).any():
        raise DataError(
            f"{place}: negative value {float(array[array < 0][0]):g} at {first_place(array < 0)}, {remedy}."
        )


def check_values(x: np.ndarray, likelihood: str, place: str, n_levels: int | None = None) -> None:
    """Checks that observed values `(B, T, N)` can come from the likelihood.

    Counts (poisson, negative_binomial) are whole and not negative, levels (ordinal, categorical) are whole, not
    negative and below `n_levels` where it is given, bernoulli is 0 or 1, gamma is not negative; any other likelihood
    takes every finite number.

    Raises:
        DataError: At the first trial, bin and channel that does not fit.
    """
    name = likelihood.lower()
    if name in NON_NEGATIVE_LIKELIHOODS:
        _refuse(x < 0, x, f"{place}: negative value", f"expected none under likelihood {name!r}", name)
    if name in COUNT_LIKELIHOODS:
        _refuse(x != np.rint(x), x, f"{place}: non-integer value", "expected spike counts per bin", name)
    if name in LEVEL_LIKELIHOODS:
        _refuse(x != np.rint(x), x, f"{place}: non-integer value", f"expected whole levels under {name!r}", name)
        if n_levels is not None:
            expected = f"expected levels 0 to {n_levels - 1}, as n_levels = {n_levels}"
            _refuse(x >= n_levels, x, f"{place}: value", f"{expected}; set n_levels higher", name)
    if name == "bernoulli":
        _refuse((x != 0) & (x != 1), x, f"{place}: value", "expected 0 or 1 under likelihood 'bernoulli'", name)


def _refuse(bad: np.ndarray, x: np.ndarray, what: str, expected: str, likelihood: str) -> None:
    if bad.any():
        raise DataError(
            f"{what} {float(x[bad][0]):g} at {first_place(bad)}, {expected}; "
            f"correct the data, or choose another likelihood than {likelihood!r} (likelihood='gaussian' takes "
            "any number)."
        )


def check_binary(mask: np.ndarray, place: str) -> None:
    """Raises DataError where a mask holds anything but 0 and 1."""
    bad = (mask != 0) & (mask != 1)
    if bad.any():
        value = float(mask[bad][0])
        raise DataError(
            f"{place}: value {value:g} at {first_place(bad)}, expected 1 (observed) or 0 (missing); correct it."
        )


def check_lengths(lengths: np.ndarray, n_bins: int, place: str) -> None:
    """Raises DataError where a trial's length is not between 1 and the number of bins."""
    bad = (lengths < 1) | (lengths > n_bins)
    if bad.any():
        value = int(lengths[bad][0])
        raise DataError(f"{place}: length {value} at {first_place(bad)}, expected 1 to {n_bins} bins; correct it.")


def to_int64(array: np.ndarray, place: str) -> np.ndarray:
    """Returns whole numbers as int64.

    Raises:
        DataError: An entry is not a whole number that int64 holds.
    """
    if array.dtype.kind == "f":
        bad = ~(np.isfinite(array) & (np.abs(array) < 2.0**53)) | (array != np.rint(array))
    else:
        bad = (array > np.iinfo(np.int64).max) if array.dtype.kind == "u" else np.zeros(array.shape, bool)
    if bad.any():
        raise DataError(f"{place}: value {array[bad][0]} at {first_place(bad)}, expected whole numbers; correct it.")
    return np.ascontiguousarray(array, dtype=np.int64)


def check_inds(inds: np.ndarray, place: str) -> None:
    """Raises DataError where trial numbers are negative or occur twice."""
    if (inds < 0).any():
        raise DataError(
            f"{place}: value {int(inds.min())} at {first_place(inds < 0)}, expected trial numbers from 0 up."
        )
    values, counts = np.unique(inds, return_counts=True)
    if (counts > 1).any():
        raise DataError(f"{place}: trial number {int(values[counts > 1][0])} occurs twice; give every trial its own.")
