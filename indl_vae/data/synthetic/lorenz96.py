"""The Lorenz-96 system: a ring of dimensions, as a benchmark for the reconstruction of dynamical systems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.data.synthetic.observed_system import Sizes, System, observe
from indl_vae.data.synthetic.ode import Slope
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.system_view import View
from indl_vae.errors import ConfigError

FORCING = 8.0


@SYNTHETIC.register("lorenz96")
def lorenz96(
    seed: int = 0,
    n_train: int = 100,
    n_valid: int = 10,
    n_test: int = 100,
    n_bins: int = 1000,
    n_dims: int = 10,
    noise: float = 0.01,
    observed: int | Sequence[int] | None = None,
    delays: int = 0,
    delay_bins: int = 10,
    dt: float = 0.01,
    burn_in: int = 1000,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the Lorenz-96 set: dx_i = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + 8 on a ring, by Runge-Kutta steps of dt.

    All splits have the same dt; of the files published with the dendPLRNN the test file has a four times longer one.

    Args:
        seed, n_train, n_valid, n_test, n_bins, noise, observed, delays, delay_bins, dt, burn_in, bin_width_s: As for
            `lorenz63`.
        n_dims: Dimensions D of the ring, 4 or more.

    Returns:
        As `lorenz63`; `*_latent` (B, T, D).

    Raises:
        ConfigError: An option is out of its range, or dt is too long for the system.
    """
    if n_dims < 4:
        raise ConfigError(f"n_dims: {n_dims}, expected at least 4: a dimension and the three that drive it.")

    def start(rng: np.random.Generator, n_starts: int) -> np.ndarray:
        return FORCING + rng.normal(size=(n_starts, n_dims))

    system = System("lorenz96", n_dims, slope_of(n_dims), start, dt, burn_in)
    sizes = Sizes(n_train, n_valid, n_test, n_bins)
    return observe(system, seed, sizes, View(noise, observed, delays, delay_bins), bin_width_s)


def slope_of(n_dims: int) -> Slope:
    """Returns dx/dt of a ring of `n_dims` dimensions."""
    ring = np.arange(n_dims)
    after, before, second = (ring + 1) % n_dims, (ring - 1) % n_dims, (ring - 2) % n_dims
    return lambda state: (state[..., after] - state[..., second]) * state[..., before] - state + FORCING
