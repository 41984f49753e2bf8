"""Exact fixed points and cycles of piecewise-linear maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.cycle import Cycle, make_cycle
from indl_vae.analysis.dynamics.cycle_search import close_orbits, distinct, is_shorter, orbits_from
from indl_vae.analysis.dynamics.latent_map import LatentMap, jacobians_at
from indl_vae.analysis.dynamics.series import check_counts, check_positive
from indl_vae.errors import DataError

#: Entries of the Jacobians held at once (32 MB).
_CHUNK = 4_000_000


def find_cycles(
    latent_map: LatentMap,
    starts: Any,
    order: int = 1,
    *,
    n_iterations: int = 50,
    tolerance: float = 1e-8,
    merge_distance: float = 1e-6,
    seed: int = 0,
) -> list[Cycle]:
    """Returns the cycles of one order of a map that is affine in regions, such as a piecewise-linear RNN.

    In a region `F(z) = J z + b` with `J = jacobian(z)` and `b = F(z) - J z`. For a guess of the k points the regions
    are taken as they are, `(1 - J_k ... J_1) z = b` is solved for their composition, and the solution is accepted if
    the map itself brings it back; else its own regions are the next guess. Every point found is exact to rounding; that
    all are found is not certain, and more starts find more. A smooth map may be given: the steps are then Newton's.
    SCYFI: Eisenmann, Monfared, Goering and Durstewitz, "Bifurcations and loss jumps in RNN training", NeurIPS 2023
    (arXiv:2310.17561).

    Args:
        latent_map: The map; it runs without inputs.
        starts: `(S, M)`: states visited, and some beyond them. The first guess is the orbit of each start, and for
            orders above 1 once more as many sets of k random starts.
        order: Number k of points of a cycle; 1 for fixed points.
        n_iterations: Guesses from one start before it is given up.
        tolerance: Largest difference between a point and its k-th image, as a share of 1 + the cycle's largest entry.
        merge_distance: Points closer than this, by the same measure, are one.
        seed: Of the random sets.

    Returns:
        Cycles, each once whatever its first point, stable ones first, then by their largest eigenvalue; those of lower
        orders that divide k are left out.

    Raises:
        ConfigError: If an argument is out of its range.
        DataError: If `starts` is not `(S, M)` or not finite, or the map returns other shapes.
    """
    check_counts(order=order, n_iterations=n_iterations)
    check_positive(tolerance=tolerance, merge_distance=merge_distance)
    guesses = _guesses(latent_map, _states(starts), order, seed)
    size = max(1, _CHUNK // (order * guesses.shape[2] ** 2))
    parts = (guesses[start : start + size] for start in range(0, len(guesses), size))
    orbits = np.concatenate([close_orbits(latent_map, part, n_iterations, tolerance) for part in parts])
    orbits = orbits[[not is_shorter(orbit, merge_distance) for orbit in orbits]]
    cycles = [make_cycle(orbit, jacobians_at(latent_map, orbit)) for orbit in distinct(orbits, merge_distance)]
    return sorted((_rotated(cycle) for cycle in cycles), key=lambda c: (not c.stable, abs(c.eigenvalues[0])))


def fixed_points_of_map(latent_map: LatentMap, starts: Any, **options: Any) -> list[Cycle]:
    """Returns the fixed points of a map that is affine in regions: `find_cycles` of order 1, whose options it takes."""
    return find_cycles(latent_map, starts, 1, **options)


def _states(starts: Any) -> np.ndarray:
    states = np.asarray(starts, dtype=np.float64)
    if states.ndim != 2 or states.size == 0:
        raise DataError(
            f"starts: expected states (starts, latent dimensions), got shape {states.shape}; "
            "reshape(-1, dimensions) them."
        )
    if not np.isfinite(states).all():
        raise DataError("starts: expected finite numbers, got NaN or infinity; leave those states out.")
    return states


def _guesses(latent_map: LatentMap, starts: np.ndarray, order: int, seed: int) -> np.ndarray:
    """Returns first guesses `(S, k, M)` of the points of a cycle, `(2 S, k, M)` for orders above 1."""
    if order == 1:
        return starts[:, None]
    orbits = orbits_from(latent_map, starts, order - 1)
    orbits = orbits[np.isfinite(orbits).all(axis=(1, 2))]
    picked = np.random.default_rng(seed).integers(len(starts), size=(len(starts), order))
    return np.concatenate([orbits, starts[picked]])


def _rotated(cycle: Cycle) -> Cycle:
    """Returns the cycle from its point with the least first coordinate on, so that equal cycles look equal."""
    first = int(np.lexsort(cycle.points.T[::-1])[0])
    return cycle._replace(points=np.roll(cycle.points, -first, axis=0))
