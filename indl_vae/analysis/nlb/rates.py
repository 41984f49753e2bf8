"""What the rates of a submission must be like."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indl_vae.errors import DataError

#: Pairs of arrays, held-in and held-out, and whether every submission must have them.
PAIRS = {"eval_rates": True, "train_rates": False}
PARTS = ("heldin", "heldout")
#: Every key of a group: the four of the trial, and the same for the bins after it.
KEYS = tuple(
    f"{pair}_{part}{after}" for after in ("", "_forward") for pair in ("train_rates", "eval_rates") for part in PARTS
)


def check_submission(arrays: Mapping[str, np.ndarray], place: str = "submission") -> dict[str, np.ndarray]:
    """Returns the arrays of one group as float64 after checking shapes and values.

    The benchmark's own program takes 1e-9 in place of a rate of 0, and lets NaN pass where nothing is scored; here both
    are errors, since neither is what a model of spike counts predicts.

    Args:
        arrays: `(trials, bins, channels)` each, expected counts per bin, by key (`KEYS`).
        place: Where they are from, for messages.

    Raises:
        DataError: A key is missing or unknown, shapes do not fit together, or a rate is not finite or not above 0.
    """
    unknown = sorted(set(arrays) - set(KEYS))
    if unknown:
        raise DataError(f"{place}: {unknown[0]}: no array of a submission, expected some of {', '.join(KEYS)}.")
    checked = {
        key: _check_values(np.asarray(arrays[key], np.float64), f"{place}: {key}") for key in KEYS if key in arrays
    }
    for pair, needed in PAIRS.items():
        _check_pair(checked, pair, "", needed, place)
        _check_pair(checked, pair, "_forward", False, place)
    _check_against(checked, place)
    return checked


def _check_values(rates: np.ndarray, place: str) -> np.ndarray:
    if rates.ndim != 3 or rates.size == 0:
        raise DataError(f"{place}: has shape {rates.shape}, expected (trials, bins, channels), none of them 0.")
    bad = ~np.isfinite(rates)
    if bad.any():
        raise DataError(
            f"{place}: {_count(bad)} NaN or infinite, expected a finite rate for every trial, bin and channel."
        )
    if (rates < 0).any():
        raise DataError(
            f"{place}: {_count(rates < 0)} negative, the least {rates.min():g}; expected counts per bin. If these are "
            "logarithms of rates, take np.exp of them."
        )
    if (rates == 0).any():
        raise DataError(
            f"{place}: {_count(rates == 0)} 0, under which no spike is possible; expected rates above 0. Raise them to "
            "a floor (the benchmark's program takes 1e-9: np.maximum(rates, 1e-9))."
        )
    return rates


def _count(bad: np.ndarray) -> str:
    trial, time, channel = np.argwhere(bad)[0]
    return f"{int(bad.sum())} of {bad.size} entries (first in trial {trial}, bin {time}, channel {channel}) are"


def _check_pair(arrays: Mapping[str, np.ndarray], pair: str, after: str, needed: bool, place: str) -> None:
    """Held-in and held-out come together, with equal trials and bins."""
    heldin, heldout = (f"{pair}_{part}{after}" for part in PARTS)
    missing = [key for key in (heldin, heldout) if key not in arrays]
    if missing and (needed or len(missing) == 1):
        raise DataError(f"{place}: {missing[0]}: missing; {heldin} and {heldout} belong together.")
    if not missing and arrays[heldin].shape[:2] != arrays[heldout].shape[:2]:
        raise DataError(
            f"{place}: {heldout}: has shape {arrays[heldout].shape}, expected the trials and bins of {heldin}, "
            f"{arrays[heldin].shape[:2]}."
        )


def _check_against(arrays: Mapping[str, np.ndarray], place: str) -> None:
    """Channels are those of the evaluated trials; bins after the trial have the trials of those within."""
    for key, array in arrays.items():
        like = key.removesuffix("_forward").replace("train_", "eval_")
        if array.shape[2] != arrays[like].shape[2]:
            raise DataError(
                f"{place}: {key}: has {array.shape[2]} channels, expected the {arrays[like].shape[2]} of {like}."
            )
        within = key.removesuffix("_forward")
        if within in arrays and len(array) != len(arrays[within]):
            raise DataError(f"{place}: {key}: has {len(array)} trials, expected the {len(arrays[within])} of {within}.")
