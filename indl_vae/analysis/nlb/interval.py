"""The benchmark's score of dmfc_rsg: how neural speed goes with the interval that the animal produces."""

from __future__ import annotations

import math

import numpy as np

from indl_vae.errors import DataError

#: Columns of the behaviour that make a condition: response by eye or hand, direction, short or long prior.
CONDITION_COLUMNS = (0, 1, 2)


def interval_correlation(rates: np.ndarray, spikes: np.ndarray, behavior: np.ndarray) -> float:
    """Returns the correlation of neural speed with the produced interval, averaged over conditions ("tp corr").

    The speed of a trial is the mean distance of successive rate vectors over the bins between set and go, which are
    those where the held-out counts are not NaN. Pearson's r is taken within each condition. Fast dynamics go with short
    intervals, so that -1 is best. nlb_tools took the median over conditions at first; later versions, and this, the
    mean.

    Args:
        rates: `(B, T, N)` of all channels.
        spikes: `(B, T, M)` counts of held-out channels, NaN outside of the scored bins.
        behavior: `(B, C)`: the three columns of the condition first, the produced interval last; rows of NaN are left
            out.

    Returns:
        NaN where no condition has two trials, or where speed or interval do not vary within one.

    Raises:
        DataError: Shapes do not fit together.
    """
    if (
        rates.shape[:2] != spikes.shape[:2]
        or behavior.ndim != 2
        or len(behavior) != len(rates)
        or behavior.shape[1] < 4
    ):
        raise DataError(
            f"eval_behavior: has shape {behavior.shape}, with rates {rates.shape} and spikes {spikes.shape}; expected "
            "(trials, at least 4): the condition's three columns and the produced interval."
        )
    known = np.isfinite(behavior).all(axis=1)
    scored = ~np.isnan(spikes[known][:, :, 0])
    speeds = np.array([_speed(trial[bins]) for trial, bins in zip(rates[known], scored, strict=True)])
    columns, interval = behavior[known][:, CONDITION_COLUMNS], behavior[known][:, -1]
    conditions = np.unique(columns, axis=0)
    members = [(columns == condition).all(axis=1) for condition in conditions]
    found = [_pearson(speeds[chosen], interval[chosen]) for chosen in members if chosen.sum() > 1]
    return float(np.mean(found)) if found else math.nan


def _speed(trial: np.ndarray) -> float:
    steps = np.linalg.norm(np.diff(trial, axis=0), axis=1)
    return float(steps.mean()) if len(steps) else math.nan


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else math.nan
