"""Paths of the principal components of each region's data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from indl_vae.data.split import Split

#: Deviation of the kernel that counts are smoothed with, in bins, and what is added to rates before their logs.
_SMOOTHING, _RATE = 2.0, 0.02
#: Least deviation of a component, and of what components leave over, in deviations of the data.
_LEAST = 1e-2


class PrincipalPaths(NamedTuple):
    """Principal components with a variance of 1, region by region.

    Attributes:
        latents: `(B, T, R * d)`: the components' values.
        loadings: `(d, N_r)` of each region: values of the data that components of 1 stand for.
        center: `(N_r,)` of each region.
        left_over: `(N_r,)` of each region: deviation that the components do not explain.
        steps: `(B, T)`, 1 in bins of the trial.
    """

    latents: np.ndarray
    loadings: list[np.ndarray]
    center: list[np.ndarray]
    left_over: list[np.ndarray]
    steps: np.ndarray


def principal_paths(
    split: Split, sizes: Sequence[int], dim: int, likelihood: str = "gaussian", link: str = "auto"
) -> PrincipalPaths:
    """Returns the components of each region's data; counts are smoothed, and what has a link is taken through it.

    Args:
        split: The trials.
        sizes: Channels of each region.
        dim: Components of each region d. A region of fewer channels has components of 0 besides.
        likelihood: Of the data.
        link: From the read-out's outputs to means.
    """
    unlinked = _unlink(likelihood, link)(split.x.astype(np.float64))
    mask = np.ones_like(split.x) if split.mask is None else split.mask
    parts = []
    for region, size in enumerate(sizes):
        first = sum(sizes[:region])
        parts.append(_of_region(unlinked[..., first : first + size], mask[..., first : first + size] > 0, dim))
    latents, loadings, center, left = (list(found) for found in zip(*parts, strict=True))
    steps = np.flip(np.cumsum(np.flip(mask.max(-1), 1), 1), 1) > 0
    return PrincipalPaths(
        np.concatenate(latents, -1).astype(np.float32), loadings, center, left, steps.astype(np.float32)
    )


def _of_region(values: np.ndarray, observed: np.ndarray, dim: int) -> tuple[np.ndarray, ...]:
    count = np.maximum(observed.sum((0, 1)), 1)
    center = (values * observed).sum((0, 1)) / count
    flat = np.where(observed, values - center, 0.0).reshape(-1, values.shape[-1])
    spread = np.sqrt((flat**2).sum(0) / count)
    eigenvalues, axes = np.linalg.eigh(flat.T @ flat / len(flat))
    order = np.argsort(eigenvalues)[::-1][:dim]
    axes, deviations = axes[:, order], np.sqrt(np.maximum(eigenvalues[order], 0.0))
    deviations = np.maximum(deviations, _LEAST * max(float(spread.max()), 1e-12))
    latents = flat @ axes / deviations
    left = np.sqrt(((flat - latents @ (axes * deviations).T) ** 2).sum(0) / count)
    left = np.maximum(left, np.maximum(_LEAST * spread, 1e-4))
    missing = dim - axes.shape[1]
    latents = np.pad(latents, [(0, 0), (0, missing)]).reshape(*values.shape[:2], dim)
    return latents, np.pad((axes * deviations).T, [(0, missing), (0, 0)]), center, left


def _unlink(likelihood: str, link: str) -> Callable[[np.ndarray], np.ndarray]:
    """Returns what takes data to the read-out's outputs."""
    if likelihood == "gaussian":
        inverse = {"exp": lambda y: np.log(np.maximum(y, 1e-3)), "softplus": _softplus_inverse}
        return inverse.get(link, lambda y: y)
    smooth = lambda y: gaussian_filter1d(y, _SMOOTHING, axis=1, mode="nearest")  # noqa: E731
    if link == "softplus":
        return lambda y: _softplus_inverse(smooth(y) + _RATE)
    return lambda y: np.log(smooth(np.maximum(y, 0.0)) + _RATE)


def _softplus_inverse(y: np.ndarray) -> np.ndarray:
    y = np.maximum(y, 1e-3)
    return y + np.log(-np.expm1(-y))
