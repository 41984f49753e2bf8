"""Which trials are trained on, validated on and tested on: by shares and a seed, or as a column says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indl_vae.data.keys import FIELDS, SPLITS
from indl_vae.data.session import RawSession
from indl_vae.errors import ConfigError, DataError

#: Words for a split, in lower case.
SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}


def split_trials(
    n_trials: int,
    valid_share: float = 0.2,
    test_share: float = 0.0,
    seed: int = 0,
    condition: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Draws the trials of each split.

    Each split gets its share of every condition, up to one trial; at least one trial is for training and one for
    validation.

    Args:
        n_trials: Number of trials.
        valid_share: Share to validate on, above 0.
        test_share: Share to test on; 0 makes no test split.
        seed: Seed of the draw.
        condition: Label of each trial, `(B,)`, or None.

    Returns:
        Positions of the trials by split, ascending: train, valid and, with a test share, test.

    Raises:
        ConfigError: A share is out of its range, or the seed is negative.
        DataError: There are too few trials, or another number of conditions.
    """
    _check_shares(valid_share, test_share, seed)
    n_valid = max(1, round(n_trials * valid_share))
    n_test = max(1, round(n_trials * test_share)) if test_share > 0 else 0
    if n_trials < n_valid + n_test + 1:
        raise DataError(
            f"{n_trials} trials (or blocks), too few for {n_valid} to validate and {n_test} to test on and one to "
            "train on; give more data or smaller shares."
        )
    if condition is not None and np.shape(condition) != (n_trials,):
        raise DataError(f"condition: has shape {np.shape(condition)}, expected one label a trial, ({n_trials},).")
    random = np.random.default_rng(seed)
    order = random.permutation(n_trials)
    if condition is not None:
        codes = np.unique(condition, return_inverse=True)[1]
        order = order[np.argsort(codes[order], kind="stable")]
    # Evenly spaced picks of an order that is sorted by condition take the same share of each condition.
    away = _spaced(n_trials, n_valid + n_test, random.random())
    tested = _spaced(n_valid + n_test, n_test, random.random())
    role = np.zeros(n_trials, np.int64)
    role[order[away]] = 1
    role[order[away[tested]]] = 2
    return {name: np.flatnonzero(role == i) for i, name in enumerate(SPLITS[: 2 + (n_test > 0)])}


def splits_of_words(words: Sequence[Any], place: str) -> dict[str, np.ndarray]:
    """Returns the trials by split as words say ("train", "val", "valid", "validation", "test", in any case).

    Raises:
        DataError: No trial is for training, or none for validation.
    """
    names = [SPLIT_WORDS.get(str(word).strip().lower(), "") for word in words]
    other = sorted({str(word) for word, name in zip(words, names, strict=True) if not name})
    if other:
        warnings.warn(
            f"{place}: trials with {', '.join(map(repr, other[:5]))} are left out; train, valid and test are taken.",
            UserWarning,
            stacklevel=3,
        )
    found = {name: np.flatnonzero([one == name for one in names]) for name in SPLITS}
    for name in SPLITS[:2]:
        if not len(found[name]):
            raise DataError(
                f"{place}: no trial is called {name!r}, found {sorted({str(word) for word in words})[:10]}; correct "
                "the column, or split by shares."
            )
    return {name: rows for name, rows in found.items() if len(rows)}


def session_of_trials(
    fields: Mapping[str, np.ndarray | None], rows: Mapping[str, np.ndarray], bin_width_s: float | None
) -> RawSession:
    """Returns a session that holds some trials of each array in each split.

    Args:
        fields: By field (x, mask, lengths, condition, behavior, inds, ...): all trials `(B, ...)`, or None.
        rows: By split: the positions of its trials.
        bin_width_s: Width of a bin in seconds, or None.
    """
    arrays = {
        FIELDS[field].templates[0].format(split): array[chosen]
        for split, chosen in rows.items()
        for field, array in fields.items()
        if array is not None
    }
    return RawSession.from_arrays(arrays, bin_width_s)


def _spaced(n: int, count: int, phase: float) -> np.ndarray:
    """Returns `count` different, evenly spaced numbers below n."""
    return np.floor((np.arange(count) + phase) * n / max(count, 1)).astype(np.int64)


def _check_shares(valid_share: float, test_share: float, seed: int) -> None:
    if not 0 < valid_share < 1:
        raise ConfigError(f"valid_share: {valid_share!r}, expected a share above 0 and below 1; 0.2 is usual.")
    if not 0 <= test_share < 1 or valid_share + test_share >= 1:
        raise ConfigError(
            f"test_share: {test_share!r}, expected a share from 0 up that leaves trials to train on beside valid_share "
            f"{valid_share!r}."
        )
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ConfigError(f"seed: {seed!r}, expected a whole number from 0 up.")
