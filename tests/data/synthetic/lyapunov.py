"""The largest Lyapunov exponent by two trajectories, which the tests of chaotic systems share."""

from __future__ import annotations

import numpy as np

from indl_vae.data.synthetic.ode import rk4_step, trajectories


def largest_exponent(slope, start: np.ndarray, dt: float, n_steps: int, burn_in: int, skip: int = 0) -> np.ndarray:
    """Returns the exponent, per unit of the system's time, from each of the starts (C, D).

    A second trajectory follows at a distance of 1e-8; the distance is set back after every step, and its logarithms are
    summed (Benettin et al. 1980).
    """
    first = trajectories(slope, start, 1, dt, burn_in)[:, 0]
    apart = np.full(first.shape, 1e-8 / np.sqrt(first.shape[1]))
    total = np.zeros(len(first))
    for step in range(skip + n_steps):
        second = rk4_step(slope, first + apart, dt)
        first = rk4_step(slope, first, dt)
        apart = second - first
        length = np.linalg.norm(apart, axis=1, keepdims=True)
        apart *= 1e-8 / length
        if step >= skip:
            total += np.log(length[:, 0] / 1e-8)
    return total / (n_steps * dt)
