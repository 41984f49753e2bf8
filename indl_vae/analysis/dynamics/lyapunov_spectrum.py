"""Lyapunov exponents of a latent map: how fast neighbouring orbits part or meet."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.latent_map import LatentMap, jacobians_at, step_states
from indl_vae.analysis.dynamics.series import check_counts, check_positive
from indl_vae.errors import ConfigError, DataError


def lyapunov_spectrum(
    latent_map: LatentMap,
    start: Any,
    n_steps: int,
    n_transient: int = 1000,
    dt: float = 1.0,
    every: int = 1,
    n_exponents: int | None = None,
) -> np.ndarray:
    """Returns the Lyapunov exponents of a map, the largest first, by QR decompositions along orbits.

    An orthonormal frame is carried along by the Jacobians and orthonormalised again every few steps; the logarithms of
    what the columns grow by, averaged, are the exponents. Benettin et al., Meccanica 15 (1980); Geist, Parlitz and
    Lauterborn, Prog. Theor. Phys. 83 (1990). The largest is above 0 for chaos, 0 for a cycle of a flow, below 0 for a
    stable fixed point or a stable cycle of a map.

    Args:
        latent_map: The map; it runs without inputs.
        start: `(M,)` or `(B, M)`: where orbits begin; exponents are averaged over them, so they are to lie in the basin
            of one attractor.
        n_steps: Steps that are averaged over.
        n_transient: Steps before, in which orbits come to the attractor and frames to their directions.
        dt: Time of one step, in the unit wanted: exponents are per that unit.
        every: Steps from one QR to the next; more are cheaper, and too many let the columns fall together.
        n_exponents: How many are wanted, 1 to M; None: all.

    Returns:
        `(n_exponents,)`, in 1 / unit of `dt`; minus infinity where the map destroys a direction.

    Raises:
        ConfigError: If an argument is out of its range.
        DataError: If `start` has other axes or is not finite, the map returns other shapes, or an orbit diverges.
    """
    states = _starts(start)
    wanted = states.shape[1] if n_exponents is None else n_exponents
    _check(n_steps, n_transient, dt, every, wanted, states.shape[1])
    # Random directions: those of the axes may lie in a subspace that the map keeps.
    frame = np.linalg.qr(np.random.default_rng(0).normal(size=(*states.shape, wanted)))[0]
    states, frame, _ = _carry(latent_map, states, frame, n_transient, every)
    _, _, growth = _carry(latent_map, states, frame, n_steps, every)
    return np.sort(growth.mean(axis=0) / (n_steps * dt))[::-1]


def _starts(start: Any) -> np.ndarray:
    states = np.asarray(start, dtype=np.float64)
    states = states[None] if states.ndim == 1 else states
    if states.ndim != 2 or states.size == 0 or not np.isfinite(states).all():
        raise DataError(
            f"start: expected finite states (starts, latent dimensions) or one (latent dimensions,), got shape "
            f"{np.shape(start)}{'' if np.isfinite(states).all() else ' with NaN or infinity'}."
        )
    return states


def _check(n_steps: int, n_transient: int, dt: float, every: int, wanted: int, n_dimensions: int) -> None:
    check_counts(n_steps=n_steps, every=every, n_exponents=wanted)
    check_counts(0, n_transient=n_transient)
    check_positive(dt=dt)
    if wanted > n_dimensions:
        raise ConfigError(
            f"n_exponents: expected at most the {n_dimensions} dimensions of the map, got {wanted}. "
            "Leave it out for all."
        )


def _carry(
    latent_map: LatentMap, states: np.ndarray, frame: np.ndarray, n_steps: int, every: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns states, frame and the summed logarithms of the frame's growth `(B, n_exponents)` after `n_steps`."""
    growth = np.zeros((len(states), frame.shape[-1]))
    for index in range(1, n_steps + 1):
        with np.errstate(over="ignore", invalid="ignore"):
            frame = jacobians_at(latent_map, states) @ frame
            states = step_states(latent_map, states)
        if index % every and index < n_steps:
            continue
        _check_orbits(states, frame, index)
        frame, upper = np.linalg.qr(frame)
        with np.errstate(divide="ignore"):
            growth += np.log(np.abs(np.diagonal(upper, axis1=1, axis2=2)))
    return states, frame, growth


def _check_orbits(states: np.ndarray, frame: np.ndarray, index: int) -> None:
    lost = ~(np.isfinite(states).all(axis=1) & np.isfinite(frame).all(axis=(1, 2)))
    if lost.any():
        raise DataError(
            f"start: expected bounded orbits, got one that is not finite after {index} steps, from start "
            f"{int(np.argmax(lost))}. Start on the attractor, clip the map, or lower `every`."
        )
