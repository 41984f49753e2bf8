"""Ridge regression for a whole list of penalties from one decomposition. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Ridge(NamedTuple):
    """A fitted linear map `features @ weights + bias` with its penalty `alpha`."""

    alpha: float
    weights: np.ndarray
    bias: np.ndarray

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Returns the prediction, `(..., C)` for features `(..., D)`."""
        return features @ self.weights + self.bias


def ridge_path(features: np.ndarray, targets: np.ndarray, alphas: Sequence[float]) -> list[Ridge]:
    """Fits ridge regression with an unpenalised intercept for every penalty.

    Minimises `mean (y - x w - b)^2 + alpha v |w|^2`, v = mean variance of the features, so that `alpha` has no unit and
    means the same for features of any size. One eigendecomposition of the D x D covariance serves all penalties.

    Args:
        features: `(..., D)`; rows in which a feature or a target is not finite are left out.
        targets: `(..., C)` with the same leading axes.
        alphas: Penalties, at least 0.
    """
    x = features.reshape(-1, features.shape[-1]).astype(np.float64)
    y = targets.reshape(-1, targets.shape[-1]).astype(np.float64)
    keep = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    x, y = x[keep], y[keep]
    n = max(len(x), 1)
    x_mean, y_mean = x.sum(axis=0) / n, y.sum(axis=0) / n
    x = x - x_mean
    values, vectors = np.linalg.eigh(x.T @ x / n)
    scale = max(float(np.mean(values)), 1e-300)
    projected = vectors.T @ (x.T @ (y - y_mean) / n)
    fits = []
    for alpha in alphas:
        # The floor drops directions that hold rounding noise only, as a pseudo-inverse would.
        damped = values + alpha * scale
        keep_direction = damped > 1e-12 * max(values[-1], 1e-300)
        inverse = np.where(keep_direction, 1.0 / np.where(keep_direction, damped, 1.0), 0.0)
        weights = vectors @ (inverse[:, None] * projected)
        fits.append(Ridge(float(alpha), weights, y_mean - x_mean @ weights))
    return fits


def r2_per_column(targets: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Returns R2 of each column of `(n, C)` arrays over the rows that are finite in both; NaN for a constant target."""
    keep = np.isfinite(targets).all(axis=1) & np.isfinite(prediction).all(axis=1)
    y, guess = targets[keep], prediction[keep]
    if len(y) == 0:
        return np.full(targets.shape[1], np.nan)
    total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    residual = ((y - guess) ** 2).sum(axis=0)
    return np.where(total > 0, 1.0 - residual / np.where(total > 0, total, 1.0), np.nan)
