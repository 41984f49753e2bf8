"""The Roessler system: one band folded over, as a benchmark for the reconstruction of dynamical systems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.data.synthetic.observed_system import Sizes, System, observe
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.system_view import View

A, B, C = 0.2, 0.2, 5.7


@SYNTHETIC.register("rossler")
def rossler(
    seed: int = 0,
    n_train: int = 100,
    n_valid: int = 10,
    n_test: int = 100,
    n_bins: int = 1000,
    noise: float = 0.01,
    observed: int | Sequence[int] | None = None,
    delays: int = 0,
    delay_bins: int = 10,
    dt: float = 0.05,
    burn_in: int = 2000,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the Roessler set: dx = -y - z, dy = x + 0.2 y, dz = 0.2 + z (x - 5.7), by Runge-Kutta steps of dt.

    The step is 0.05, five times that of the Lorenz sets, since the system is slower: a turn takes about 6 units of its
    time, 117 bins.

    Args:
        seed, n_train, n_valid, n_test, n_bins, noise, observed, delays, delay_bins, dt, burn_in, bin_width_s: As for
            `lorenz63`.

    Returns:
        As `lorenz63`.

    Raises:
        ConfigError: An option is out of its range, or dt is too long for the system.
    """
    system = System("rossler", 3, slope, _start, dt, burn_in)
    sizes = Sizes(n_train, n_valid, n_test, n_bins)
    return observe(system, seed, sizes, View(noise, observed, delays, delay_bins), bin_width_s)


def slope(state: np.ndarray) -> np.ndarray:
    """Returns dx/dt of states `(..., 3)`."""
    x, y, z = state[..., 0], state[..., 1], state[..., 2]
    found = np.empty_like(state)
    found[..., 0] = -y - z
    found[..., 1] = x + A * y
    found[..., 2] = B + z * (x - C)
    return found


def _start(rng: np.random.Generator, n_starts: int) -> np.ndarray:
    # Of trajectories that start below the plane z = 0 some run away to infinity.
    return rng.uniform((-5.0, -5.0, 0.0), (5.0, 5.0, 1.0), (n_starts, 3))
