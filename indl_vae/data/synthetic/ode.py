"""Trajectories of ordinary differential equations by the classical Runge-Kutta rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: dx/dt at states `(..., D)`, of the same shape.
Slope = Callable[[np.ndarray], np.ndarray]


def rk4_step(slope: Slope, state: np.ndarray, dt: float) -> np.ndarray:
    """Returns the states `(..., D)` one step of the system's time `dt` later; the error of a step is of order dt^5."""
    k1 = slope(state)
    k2 = slope(state + 0.5 * dt * k1)
    k3 = slope(state + 0.5 * dt * k2)
    k4 = slope(state + dt * k3)
    return state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def trajectories(
    slope: Slope, start: np.ndarray, n_bins: int, dt: float, burn_in: int = 0, steps_per_bin: int = 1
) -> np.ndarray:
    """Returns trajectories from several initial states at once.

    Args:
        slope: dx/dt of the system.
        start: Initial states `(C, D)`.
        n_bins: States to return of each.
        dt: Time between two of them, in the system's unit.
        burn_in: Bins that pass before the first one is returned; with 0 that is the initial state.
        steps_per_bin: Runge-Kutta steps between two states, each of dt / steps_per_bin.

    Returns:
        `(C, n_bins, D)` float64; not finite where a step was too long for the system.
    """
    states = np.empty((n_bins, *start.shape))
    state = np.asarray(start, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for bin_ in range(-burn_in, n_bins):
            if bin_ >= 0:
                states[bin_] = state
            for _ in range(steps_per_bin):
                state = rk4_step(slope, state, dt / steps_per_bin)
    return np.swapaxes(states, 0, 1)
