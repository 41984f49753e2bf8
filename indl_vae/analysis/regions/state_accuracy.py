"""How far discrete states that were found agree with the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.regions.matched_states import as_states, count_table, matched_states


def state_accuracy(found: Any, true: Any, lengths: Any | None = None) -> float:
    """Returns the share of bins whose state is the true one, under the best match of names.

    Args:
        found: `(B, T)`: numbers of states, or `(B, T, K)`: their probabilities.
        true: `(B, T)`: numbers of the true states.
        lengths: Optional `(B,)`: bins of each trial.

    Returns:
        From 0 to 1, over all bins of all trials. One state for all bins has the share of the most frequent one.

    Raises:
        DataError: The shapes do not fit, or a number is below 0.
    """
    _, labels, counted = as_states(found, true, lengths)
    return float((matched_states(found, true, lengths) == labels)[counted].mean())


def adjusted_rand_index(found: Any, true: Any, lengths: Any | None = None) -> float:
    """Returns the adjusted Rand index of states, 1 for the same partition of bins and 0 for a chance one.

    It needs no match of names (Hubert & Arabie 1985). Arguments and errors are those of `state_accuracy`.
    """
    table = count_table(*as_states(found, true, lengths))
    pairs = lambda counts: float((counts * (counts - 1.0) / 2.0).sum())  # noqa: E731
    both, rows, columns = pairs(table), pairs(table.sum(1)), pairs(table.sum(0))
    chance = rows * columns / max(pairs(table.sum()[None]), 1.0)
    largest = 0.5 * (rows + columns)
    return 1.0 if np.isclose(largest, chance) else (both - chance) / (largest - chance)
