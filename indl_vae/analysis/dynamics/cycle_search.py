"""The numerical steps of the search for cycles: solve in the regions of a guess, and tell cycles apart."""

from __future__ import annotations

import numpy as np

from indl_vae.analysis.dynamics.latent_map import LatentMap, jacobians_at, step_states

#: Singular values below this share of the largest are 0.
_RANK = 1e-10


def close_orbits(latent_map: LatentMap, guesses: np.ndarray, n_iterations: int, tolerance: float) -> np.ndarray:
    """Returns the orbits `(K, k, M)` that return to their start, found from guesses `(S, k, M)` of their points.

    Each guess is solved as if the map stayed affine around its points, and what that yields is the next guess. An orbit
    is accepted when the map itself brings it back to within `tolerance` of its size.
    """
    found = [np.empty((0, *guesses.shape[1:]))]
    for _ in range(n_iterations):
        guesses = _solve_in_regions(latent_map, guesses)
        guesses = guesses[np.isfinite(guesses).all(axis=(1, 2))]
        if not len(guesses):
            break
        orbits = orbits_from(latent_map, guesses[:, 0], guesses.shape[1])
        size = 1.0 + np.abs(orbits).max(axis=(1, 2))
        closed = np.abs(orbits[:, -1] - orbits[:, 0]).max(axis=1) <= tolerance * size
        found.append(orbits[closed, :-1])
        guesses = guesses[~closed]
    return np.concatenate(found)


def orbits_from(latent_map: LatentMap, starts: np.ndarray, n_steps: int) -> np.ndarray:
    """Returns the orbits `(S, n_steps + 1, M)` of starts `(S, M)`, starts included."""
    orbit = [starts]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps):
            orbit.append(step_states(latent_map, orbit[-1]))
    return np.stack(orbit, axis=1)


def _solve_in_regions(latent_map: LatentMap, guesses: np.ndarray) -> np.ndarray:
    """Returns the cycles `(S, k, M)` of the affine maps `J z + b` that hold around the points of each guess."""
    with np.errstate(over="ignore", invalid="ignore"):
        matrices = jacobians_at(latent_map, guesses)
        shifts = step_states(latent_map, guesses) - _apply(matrices, guesses)
        product, state = np.broadcast_to(np.eye(guesses.shape[2]), matrices[:, 0].shape), guesses[:, 0]
        for i in range(guesses.shape[1]):
            product, state = matrices[:, i] @ product, _apply(matrices[:, i], state) + shifts[:, i]
        points = [guesses[:, 0] + _displacement(product, state - guesses[:, 0])]
        for i in range(guesses.shape[1] - 1):
            points.append(_apply(matrices[:, i], points[-1]) + shifts[:, i])
    return np.stack(points, axis=1)


def _displacement(product: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Returns the least d with `(1 - product) d = residual`, NaN where one of them is not finite.

    Where the equation is singular there is no point or a continuum of them, such as a line attractor; the least d then
    leads to the nearest.
    """
    matrices = np.eye(product.shape[-1]) - product
    usable = np.isfinite(matrices).all(axis=(1, 2)) & np.isfinite(residual).all(axis=1)
    moved = np.full(residual.shape, np.nan)
    if usable.any():
        moved[usable] = _solve(matrices[usable], residual[usable])
    return moved


def _solve(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solves by elimination, and by pseudo-inverses, which cost far more, where that is ill-conditioned.

    What elimination makes of a singular equation may be small and wrong. A second, random right-hand side cannot: it
    is not in the range of the matrix.
    """
    probe = np.random.default_rng(0).normal(size=right.shape[1])
    both = np.stack([right, np.broadcast_to(probe, right.shape)], axis=-1)
    try:
        solved = np.linalg.solve(matrices, both)
    except np.linalg.LinAlgError:  # one of them is exactly singular
        solved = np.full(both.shape, np.inf)
    found, size = solved[..., 0], np.abs(solved[..., 1]).max(axis=1) * np.abs(matrices).max(axis=(1, 2))
    singular = ~(size <= np.abs(probe).max() / _RANK)
    if singular.any():
        found[singular] = _apply(np.linalg.pinv(matrices[singular], rcond=_RANK), right[singular])
    return found


def _apply(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (matrices @ vectors[..., None])[..., 0]


def is_shorter(orbit: np.ndarray, distance: float) -> bool:
    """Returns whether a cycle `(k, M)` is one of a lower order gone round several times."""
    lower = [d for d in range(1, len(orbit)) if len(orbit) % d == 0]
    return any(_near(orbit[d], orbit[:1], distance) for d in lower)


def distinct(orbits: np.ndarray, distance: float) -> list[np.ndarray]:
    """Returns the cycles `(K, k, M)` whose first point is none of an earlier cycle's."""
    kept: list[np.ndarray] = []
    known = np.empty((0, orbits.shape[2]))
    for orbit in orbits:
        if not _near(orbit[0], known, distance):
            kept.append(orbit)
            known = np.concatenate([known, orbit])
    return kept


def _near(point: np.ndarray, others: np.ndarray, distance: float) -> bool:
    return bool((np.abs(others - point).max(axis=1) <= distance * (1.0 + np.abs(point).max())).any())
