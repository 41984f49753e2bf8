"""Canonical correlations of latents with a truth. NumPy only."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indl_vae.errors import DataError

#: Share of the mean variance that is added to every variable's, against directions that hold noise alone.
PENALTY = 1e-3


class CanonicalCorrelations(NamedTuple):
    """Directions in which two sets of signals go together most, found on some rows and judged on others.

    Attributes:
        correlations: `(K,)`: correlation in each pair of directions, in the rows that were judged.
        fitted: `(K,)`: the same in the rows that directions were found on, from high to low.
        latent_weights: `(L, K)`: directions in the first set.
        truth_weights: `(D, K)`: directions in the second.
    """

    correlations: np.ndarray
    fitted: np.ndarray
    latent_weights: np.ndarray
    truth_weights: np.ndarray


def canonical_correlations(
    latents: Any, truth: Any, fitted_on: tuple[Any, Any] | None = None, penalty: float = PENALTY
) -> CanonicalCorrelations:
    """Finds directions by regularised canonical correlation analysis (Hotelling 1936; Vinod 1976).

    Args:
        latents: `(..., L)`, rows that are judged; rows with a value that is not finite are left out.
        truth: `(..., D)`, with the same leading axes.
        fitted_on: Latents and truth of the rows that directions are found on; with None they are those judged, and
            correlations of many latents are too high.
        penalty: At least 0, in units of the mean variance of a set.

    Returns:
        K = min(L, D) correlations.

    Raises:
        DataError: Rows of the two sets differ, are fewer than 3, or the penalty is below 0.
    """
    if penalty < 0:
        raise DataError(f"penalty: expected a number from 0 up, got {penalty}.")
    judged = _rows(latents, truth, "latents, truth")
    fit = judged if fitted_on is None else _rows(*fitted_on, "fitted_on")
    if [a.shape[1] for a in fit] != [a.shape[1] for a in judged]:
        raise DataError(
            f"fitted_on: expected {judged[0].shape[1]} latents and {judged[1].shape[1]} true signals as in what is "
            f"judged, got {fit[0].shape[1]} and {fit[1].shape[1]}."
        )
    x, y = (values - values.mean(0) for values in fit)
    white_x, white_y = _whitener(x, penalty), _whitener(y, penalty)
    left, _, right = np.linalg.svd(white_x.T @ (x.T @ y / len(x)) @ white_y, full_matrices=False)
    weights = white_x @ left, white_y @ right.T
    return CanonicalCorrelations(_correlation(judged, weights), _correlation(fit, weights), *weights)


def _rows(latents: Any, truth: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = (np.asarray(values, np.float64) for values in (latents, truth))
    if x.shape[:-1] != y.shape[:-1]:
        raise DataError(f"{name}: expected the same leading axes, got shapes {x.shape} and {y.shape}.")
    x, y = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
    kept = np.isfinite(x).all(1) & np.isfinite(y).all(1)
    if kept.sum() < 3:
        raise DataError(f"{name}: expected at least 3 rows of finite numbers, got {kept.sum()}.")
    return x[kept], y[kept]


def _whitener(values: np.ndarray, penalty: float) -> np.ndarray:
    """Returns `(D, D)`: what makes centred values white; directions without variance become 0."""
    covariance = values.T @ values / len(values)
    variances, axes = np.linalg.eigh(covariance)
    mean = max(float(np.mean(variances)), 1e-300)
    damped = np.maximum(variances, 0.0) + penalty * mean
    useful = damped > 1e-10 * mean
    return axes * np.where(useful, 1.0 / np.sqrt(np.where(useful, damped, 1.0)), 0.0)


def _correlation(sets: tuple[np.ndarray, np.ndarray], weights: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    a, b = (values @ weight for values, weight in zip(sets, weights, strict=True))
    a, b = a - a.mean(0), b - b.mean(0)
    size = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    return np.where(size > 0, (a * b).sum(0) / np.where(size > 0, size, 1.0), 0.0)
