"""R2 with the benchmark's treatment of columns that do not vary."""

from __future__ import annotations

import math

import numpy as np


def mean_r2(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Returns the mean over columns of R2, for `(n, C)` arrays without NaN.

    A column whose truth does not vary counts as 1 if the prediction is exact and as 0 otherwise, which is the rule of
    scikit-learn and thereby the benchmark's. With fewer than two rows R2 is NaN.
    """
    if len(truth) < 2:
        return math.nan
    residual = ((truth - prediction) ** 2).sum(axis=0)
    total = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    varies = total > 0
    scores = np.where(varies, 1.0 - residual / np.where(varies, total, 1.0), np.where(residual == 0, 1.0, 0.0))
    return float(scores.mean())
