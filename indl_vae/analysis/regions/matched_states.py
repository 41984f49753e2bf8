"""Discrete states that were found, under the names of the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from indl_vae.errors import DataError


def matched_states(found: Any, true: Any, lengths: Any | None = None) -> np.ndarray:
    """Returns the states that were found, renamed so that as many bins as can be agree with the true ones.

    The best one-to-one match of names is found by the Hungarian method on the table of counts. States beyond the true
    ones keep numbers of their own, from the number of true states on.

    Args:
        found: `(B, T)`: numbers of states from 0, or `(B, T, K)`: their probabilities, of which the largest is taken.
        true: `(B, T)`: numbers of the true states.
        lengths: Optional `(B,)`: bins of each trial; later ones play no part in the match.

    Returns:
        `(B, T)`.

    Raises:
        DataError: The shapes do not fit, or a number is below 0.
    """
    states, labels, counted = as_states(found, true, lengths)
    table = count_table(states, labels, counted)
    rows, columns = linear_sum_assignment(-table)
    names = np.full(len(table), -1)
    names[rows] = columns
    names[names < 0] = table.shape[1] + np.arange((names < 0).sum())
    return names[states]


def count_table(states: np.ndarray, labels: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Returns the numbers of counted bins with each state that was found (rows) and each true one (columns)."""
    table = np.zeros((states.max() + 1, labels.max() + 1))
    np.add.at(table, (states[counted], labels[counted]), 1)
    return table


def as_states(found: Any, true: Any, lengths: Any | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns states and true states as integers `(B, T)`, and which bins count.

    Raises:
        DataError: The shapes do not fit, or a number is below 0.
    """
    states = np.asarray(found)
    states = states.argmax(-1) if states.ndim == 3 and states.shape[-1] > 1 else states
    states, labels = (array[..., 0] if array.ndim == 3 else array for array in (states, np.asarray(true)))
    if states.ndim != 2 or states.shape != labels.shape or not states.size:
        raise DataError(
            f"states: have shape {states.shape}, expected that of the true ones, {labels.shape}, (trials, bins)."
        )
    states, labels = states.astype(np.int64), labels.astype(np.int64)
    if min(states.min(), labels.min()) < 0:
        raise DataError(f"states: expected numbers from 0 up, got {min(states.min(), labels.min())}.")
    bins = np.arange(states.shape[1])
    counted = np.ones(states.shape, bool) if lengths is None else bins < np.asarray(lengths)[:, None]
    return states, labels, counted
