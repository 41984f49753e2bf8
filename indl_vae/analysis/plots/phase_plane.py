"""A plane of the latent space: where it lies, what it shows, and the map upon it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.dynamics.latent_map import LatentMap, step_states
from indl_vae.analysis.principal_components import principal_axes
from indl_vae.errors import ConfigError

#: Share of the range that is shown beyond it on each side.
_MARGIN = 0.12

Limits = tuple[tuple[float, float], tuple[float, float]]


class PhasePlane(NamedTuple):
    """A plane through `origin` along two orthonormal axes.

    Attributes:
        origin: `(M,)`: the coordinates off the axes are held at it.
        axes: `(M, 2)`.
        names: Labels of the two axes.
        short_names: The same for a legend.
        limits: Range of each axis.
    """

    origin: np.ndarray
    axes: np.ndarray
    names: tuple[str, str]
    short_names: tuple[str, str]
    limits: Limits

    def project(self, states: np.ndarray) -> np.ndarray:
        """Returns states `(..., M)` in the plane's coordinates `(..., 2)`."""
        return (np.asarray(states, np.float64) - self.origin) @ self.axes

    def field(self, latent_map: LatentMap, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Returns an n x n grid: both coordinates, steps in the plane `(n, n, 2)`, and their full length."""
        across, up = np.meshgrid(*(np.linspace(low, high, n) for low, high in self.limits))
        states = self.origin + np.stack([across, up], axis=-1) @ self.axes.T
        steps = step_states(latent_map, states) - states
        return across, up, steps @ self.axes, np.linalg.norm(steps, axis=-1)


def phase_plane(
    states: np.ndarray, plane: tuple[int, int] | None, points: Sequence[np.ndarray], limits: Limits | None
) -> PhasePlane:
    """Returns the plane to draw.

    Args:
        states: `(B, T, M)`, M of 2 or more.
        plane: Two dimensions, or None: of two dimensions those, of more the first two principal components.
        points: Arrays `(k, M)` to be in view.
        limits: Range of each axis, or None: that of states and points with a margin.

    Raises:
        ConfigError: If `plane` names no two dimensions, or `limits` are no ranges.
    """
    n_dimensions = states.shape[2]
    if plane is None and n_dimensions > 2:
        origin, axes, share = principal_axes(states, 2)
        names = tuple(f"PC {i + 1} ({100 * s:.0f} % of variance)" for i, s in enumerate(share))
        short = ("PC 1", "PC 2")
    else:
        first, second = _checked_plane((0, 1) if plane is None else plane, n_dimensions)
        rows = states.reshape(-1, n_dimensions)
        origin = rows[np.isfinite(rows).all(axis=1)].mean(axis=0)
        origin[[first, second]] = 0.0  # so that coordinates are those of the latent itself
        axes, names = np.eye(n_dimensions)[:, [first, second]], (f"z {first}", f"z {second}")
        short = names
    view = PhasePlane(origin, axes, names, short, ((0.0, 1.0), (0.0, 1.0)))
    shown = [view.project(array).reshape(-1, 2) for array in (states, *points)]
    return view._replace(limits=_range(np.concatenate(shown)) if limits is None else _checked_limits(limits))


def _checked_plane(plane: Any, n_dimensions: int) -> tuple[int, int]:
    pair = tuple(plane)
    if len(pair) != 2 or pair[0] == pair[1] or not all(0 <= index < n_dimensions for index in pair):
        raise ConfigError(f"plane: expected two different dimensions from 0 to {n_dimensions - 1}, got {plane!r}.")
    return pair


def _checked_limits(limits: Any) -> Limits:
    ranges = np.asarray(limits, dtype=np.float64)
    if ranges.shape != (2, 2) or not np.isfinite(ranges).all() or not (ranges[:, 0] < ranges[:, 1]).all():
        raise ConfigError(f"limits: expected ((left, right), (bottom, top)), each pair rising, got {limits!r}.")
    return tuple(map(tuple, ranges.tolist()))


def _range(rows: np.ndarray) -> Limits:
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    # What does not vary is shown in the middle of a range like that of the other axis.
    size = np.where(high > low, high - low, max((high - low).max(), 1.0))
    middle = (low + high) / 2
    return tuple(zip(middle - size * (0.5 + _MARGIN), middle + size * (0.5 + _MARGIN), strict=True))
