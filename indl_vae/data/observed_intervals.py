"""Which bins lie within the intervals in which a unit was observed."""

from __future__ import annotations

import numpy as np

from indl_vae.data.trial_bins import EDGE, TrialBins


def observed_bins(intervals: np.ndarray, bins: TrialBins, trial: int) -> np.ndarray:
    """Returns the bins of a trial that lie wholly within the intervals, `(T_i,)` booleans.

    Args:
        intervals: Starts and ends in seconds, `(K, 2)`; intervals that touch count as one.
        bins: The bins of all trials.
        trial: Number of the trial.
    """
    observed = np.zeros(int(bins.n_bins[trial]), bool)
    for start, stop in _joined(intervals, bins.width * EDGE):
        low, high = (np.array([start, stop]) - bins.starts[trial]) / bins.width
        first, end = int(np.ceil(low - EDGE)), int(np.floor(high + EDGE))
        if end > 0:
            observed[max(first, 0) : end] = True
    return observed


def _joined(intervals: np.ndarray, slack: float) -> list[list[float]]:
    joined: list[list[float]] = []
    for start, stop in sorted(np.asarray(intervals, np.float64).reshape(-1, 2).tolist()):
        if joined and start <= joined[-1][1] + slack:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return joined
