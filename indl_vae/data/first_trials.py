"""The first trials of every session of a split."""

from __future__ import annotations

import numpy as np

from indl_vae.data.split import Split


def first_trials(split: Split, n: int | None) -> Split:
    """Returns a split of the first `n` trials of each of its sessions, in their order; all of them for None."""
    if n is None:
        return split
    sessions = np.zeros(split.n_trials, np.int64) if split.session is None else np.asarray(split.session)
    rows = [np.flatnonzero(sessions == number)[:n] for number in np.unique(sessions)]
    return split.take(np.sort(np.concatenate(rows)))
