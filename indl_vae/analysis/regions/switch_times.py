"""When discrete states switch: errors in time, and switches that were found or missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.regions.matched_states import as_states, matched_states


def switch_time_error(found: Any, true: Any, lengths: Any | None = None) -> float:
    """Returns the median over true switches of the distance to the next one found in the trial, in bins.

    A trial without a switch that was found counts with its length: what is missed is not left out.

    Args:
        found: `(B, T)`: numbers of states, or `(B, T, K)`: their probabilities.
        true: `(B, T)`: numbers of the true states.
        lengths: Optional `(B,)`: bins of each trial.

    Returns:
        The error; NaN where no true state ever switches.

    Raises:
        DataError: The shapes do not fit, or a number is below 0.
    """
    errors = []
    for own, other, length in _switches(found, true, lengths):
        errors += [np.abs(own - switch).min() if len(own) else length for switch in other]
    return float(np.median(errors)) if errors else float("nan")


def switch_f1(
    found: Any, true: Any, tolerances: Sequence[int] = (0, 1, 5), lengths: Any | None = None
) -> dict[int, float]:
    """Returns for each tolerance in bins the F1 score of switches: each found one counts for one true one at most.

    Arguments and errors are those of `switch_time_error`; 1 where there is no switch at all, found or true.
    """
    trials = list(_switches(found, true, lengths))
    total = sum(len(own) + len(other) for own, other, _ in trials)
    return {
        tolerance: 1.0 if not total else 2.0 * sum(_matches(own, other, tolerance) for own, other, _ in trials) / total
        for tolerance in tolerances
    }


def _switches(found: Any, true: Any, lengths: Any | None) -> Any:
    """Yields for each trial the bins of its switches, found and true, and its length."""
    _, labels, counted = as_states(found, true, lengths)
    states = matched_states(found, true, lengths)
    for own, other, there in zip(states, labels, counted, strict=True):
        length = int(there.sum())
        yield *(np.flatnonzero(np.diff(path[:length])) + 1 for path in (own, other)), length


def _matches(own: np.ndarray, other: np.ndarray, tolerance: int) -> int:
    """Returns how many pairs within the tolerance there are, each switch in one at most; both are in order."""
    i = j = matches = 0
    while i < len(own) and j < len(other):
        if abs(int(own[i]) - int(other[j])) <= tolerance:
            matches, i, j = matches + 1, i + 1, j + 1
        elif own[i] < other[j]:
            i += 1
        else:
            j += 1
    return matches
