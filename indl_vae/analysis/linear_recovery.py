"""How well a linear map of inferred factors recovers a true latent state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.analysis.ridge import r2_per_column, ridge_path
from indl_vae.errors import DataError

#: Penalty in units of the mean feature variance: enough against collinear factors, too little to shrink a relation.
ALPHA = 1e-6


class LinearRecovery(NamedTuple):
    """A recovered state.

    Attributes:
        prediction: `(B, T, L)`, each trial predicted by a map fitted on other trials.
        r2_per_dim: `(L,)` R2 of each dimension over all bins of all trials.
        r2: Mean of `r2_per_dim`.
    """

    prediction: np.ndarray
    r2_per_dim: np.ndarray
    r2: float


def linear_recovery(factors: np.ndarray, latent: np.ndarray, folds: int = 5) -> LinearRecovery:
    """Predicts a true state from factors by least squares, cross-validated over trials.

    A single trial is fitted and scored on itself, for want of another.

    Args:
        factors: `(B, T, D)` inferred factors; bins with a NaN take no part in the fit.
        latent: `(B, T, L)` true state.
        folds: Number of groups of trials; trial i belongs to group i modulo `folds`.

    Raises:
        DataError: If trials or bins of the two arrays differ.
    """
    if factors.shape[:2] != latent.shape[:2]:
        raise DataError(
            f"factors and latent: expected the same trials and bins, got {factors.shape[:2]} and {latent.shape[:2]}. "
            "Pass the true state of the split that the factors were inferred from."
        )
    prediction = np.full(latent.shape, np.nan)
    n_folds = max(1, min(folds, len(factors)))
    group = np.arange(len(factors)) % n_folds
    for fold in range(n_folds):
        test = group == fold
        train = ~test if n_folds > 1 else test
        fit = ridge_path(factors[train], latent[train], (ALPHA,))[0]
        prediction[test] = fit.predict(factors[test])
    scores = r2_per_column(latent.reshape(-1, latent.shape[2]), prediction.reshape(-1, latent.shape[2]))
    return LinearRecovery(prediction, scores, float(np.mean(scores)))
