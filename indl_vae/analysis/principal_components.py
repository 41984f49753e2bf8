"""Principal components of trajectories."""

from __future__ import annotations

import numpy as np


def principal_components(trajectories: np.ndarray, n_components: int) -> tuple[np.ndarray, np.ndarray]:
    """Projects trajectories on their first principal components, found over all bins of all trials.

    Args:
        trajectories: `(B, T, D)`; bins with a NaN take no part in the fit and stay NaN.
        n_components: Number of components wanted; at most D are returned.

    Returns:
        Scores `(B, T, k)` and each component's share of the variance `(k,)`, k = min(n_components, D). The sign is such
        that the largest loading of each component is positive.
    """
    mean, axes, share = principal_axes(trajectories, n_components)
    return (trajectories - mean) @ axes, share


def principal_axes(trajectories: np.ndarray, n_components: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns what `principal_components` projects with: mean `(D,)`, axes `(D, k)`, shares of the variance `(k,)`."""
    rows = trajectories.reshape(-1, trajectories.shape[-1]).astype(np.float64)
    rows = rows[np.isfinite(rows).all(axis=1)]
    mean = rows.mean(axis=0) if len(rows) else np.zeros(trajectories.shape[-1])
    covariance = (rows - mean).T @ (rows - mean)
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = values[::-1][:n_components], vectors[:, ::-1][:, :n_components]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
    total = np.trace(covariance)
    share = np.clip(values, 0.0, None) / total if total > 0 else np.zeros_like(values)
    return mean, vectors * signs, share
