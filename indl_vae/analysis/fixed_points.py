"""Fixed points of a map and what the dynamics do around them (Sussillo and Barak 2013)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indl_vae.analysis.fixed_point_search import merge, minimise_speed, polish, speed_of
from indl_vae.analysis.linearisation import StepMap, eigenvalues, frequencies, jacobians, time_constants
from indl_vae.errors import ConfigError, DataError

#: Moduli this close to 1 are neither stable nor unstable: a time constant above 1,000 bins.
_MARGIN = 1e-3


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """Fixed points, the slowest speed first, with the linear dynamics around each.

    Attributes:
        points: The states `(K, G)`.
        speed: `q = |F(h) - h|^2 / 2` of each, `(K,)`.
        jacobians: Of the map at each point, `(K, G, G)`.
        eigenvalues: Of the Jacobians, complex `(K, G)`, the largest modulus first.
        distances: From each point to the nearest of the states that the search knew were visited, `(K,)`: one far from
            all of them says little of the data.
        bin_width_s: Width of a bin in seconds, or None when unknown.
    """

    points: np.ndarray
    speed: np.ndarray
    jacobians: np.ndarray
    eigenvalues: np.ndarray
    distances: np.ndarray
    bin_width_s: float | None = None

    def __len__(self) -> int:
        """Number K of points."""
        return len(self.points)

    @property
    def time_constants(self) -> np.ndarray:
        """Of each mode in bins, `(K, G)`: infinite at modulus 1, negative for growth."""
        return time_constants(self.eigenvalues)

    @property
    def time_constants_s(self) -> np.ndarray | None:
        """The same in seconds; None when the bin width is unknown."""
        return None if self.bin_width_s is None else self.time_constants * self.bin_width_s

    @property
    def frequencies(self) -> np.ndarray:
        """Of each mode in cycles per bin, `(K, G)`."""
        return frequencies(self.eigenvalues)

    @property
    def frequencies_hz(self) -> np.ndarray | None:
        """The same in Hz; None when the bin width is unknown."""
        return None if self.bin_width_s is None else self.frequencies / self.bin_width_s

    @property
    def n_unstable(self) -> np.ndarray:
        """Number of modes that grow, `(K,)`."""
        return (np.abs(self.eigenvalues) > 1 + _MARGIN).sum(axis=1)

    @property
    def kinds(self) -> list[str]:
        """Of each point: "stable" (all modes fall), "marginal" (one neither falls nor grows), "saddle", "unstable"."""
        return [_kind(moduli) for moduli in np.abs(self.eigenvalues)]


def _kind(moduli: np.ndarray) -> str:
    if (moduli < 1 - _MARGIN).all():
        return "stable"
    if (moduli <= 1 + _MARGIN).all():
        return "marginal"
    return "unstable" if (moduli > 1 + _MARGIN).all() else "saddle"


def find_fixed_points(
    step: StepMap,
    starts: np.ndarray,
    *,
    max_speed: float = 1e-12,
    merge_distance: float = 1e-2,
    n_steps: int = 3000,
    learning_rate: float = 0.05,
    visited: np.ndarray | None = None,
    bin_width_s: float | None = None,
) -> FixedPoints:
    """Finds fixed points of a map: `q(h) = |F(h) - h|^2 / 2` is minimised from many states, and 0 there.

    Adam brings all starts down at once; what differs is then polished by damped Gauss-Newton steps, which converge
    quadratically and put up with the singular Jacobians of line attractors.

    Args:
        step: The map F, `(K, G)` to `(K, G)`, in TensorFlow and float64.
        starts: `(S, G)`: states near those that the system visits.
        max_speed: Largest q of a point that is reported; raise it (1e-4, say) to see slow points as well.
        merge_distance: Points closer than this (Euclidean) are one.
        n_steps: Steps of Adam.
        learning_rate: Of Adam at the start; it falls to a hundredth.
        visited: `(V, G)`: the states that `distances` are measured to; the starts by default.
        bin_width_s: Width of a bin in seconds.

    Raises:
        ConfigError: An argument is out of its range.
        DataError: `starts` is not `(S, G)`, or not finite.

    Reference: Sussillo and Barak, "Opening the black box: low-dimensional dynamics in high-dimensional recurrent neural
    networks", Neural Computation 25 (2013).
    """
    for name, value in (("max_speed", max_speed), ("merge_distance", merge_distance), ("learning_rate", learning_rate)):
        if not value > 0:
            raise ConfigError(f"{name}: expected a number above 0, got {value!r}.")
    if n_steps < 0:
        raise ConfigError(f"n_steps: expected an integer >= 0, got {n_steps!r}.")
    starts = _states("starts", starts)
    visited = starts if visited is None else _states("visited", visited)
    found = minimise_speed(step, starts, n_steps, learning_rate)
    found = polish(step, merge(found, speed_of(step, found), merge_distance))
    speed = speed_of(step, found)
    found = merge(found[speed <= max_speed], speed[speed <= max_speed], merge_distance)
    matrices = jacobians(step, found)
    return FixedPoints(
        points=found,
        speed=speed_of(step, found),
        jacobians=matrices,
        eigenvalues=eigenvalues(matrices),
        distances=np.array([np.linalg.norm(visited - point, axis=1).min() for point in found]),
        bin_width_s=bin_width_s,
    )


def _states(name: str, states: np.ndarray) -> np.ndarray:
    rows = np.asarray(states, np.float64)
    if rows.ndim != 2 or len(rows) == 0:
        raise DataError(f"{name}: expected states (number, units), got shape {rows.shape}; reshape(-1, units) them.")
    if not np.isfinite(rows).all():
        raise DataError(f"{name}: expected finite numbers, got NaN or infinity; leave those states out.")
    return rows
