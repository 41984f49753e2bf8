"""A neuron that fires in bursts, as a benchmark for the reconstruction of dynamical systems with two time scales."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.data.synthetic.observed_system import Sizes, System, observe
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.system_view import View

A, B, C, D = 1.0, 3.0, 1.0, 5.0
#: Speed of the slow current, its slope, the resting potential, and the current into the cell.
R, S, REST, CURRENT = 0.006, 4.0, -1.6, 3.2


@SYNTHETIC.register("bursting_neuron")
def bursting_neuron(
    seed: int = 0,
    n_train: int = 50,
    n_valid: int = 10,
    n_test: int = 50,
    n_bins: int = 2000,
    noise: float = 0.1,
    observed: int | Sequence[int] | None = None,
    delays: int = 0,
    delay_bins: int = 10,
    dt: float = 0.1,
    burn_in: int = 3000,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the bursting-neuron set: the Hindmarsh-Rose model, a membrane potential x, its recovery y and a slow z.

    dx = y - x^3 + 3 x^2 - z + 3.2, dy = 1 - 5 x^2 - y, dz = 0.006 (4 (x + 1.6) - z) (Hindmarsh and Rose 1984), two
    Runge-Kutta steps in a bin. The set of this name in the literature of the dendPLRNN is another model, a burster with
    NMDA currents, whose constants are not at hand: figures on the two cannot be compared. A spike lasts about 20 bins;
    bursts, of four spikes on average, follow one another after 1,300 bins (5 to 95 %: 790 to 2,040).

    Args:
        seed, n_train, n_valid, n_test, n_bins, observed, delays, delay_bins, burn_in, bin_width_s: As for `lorenz63`.
        noise: As for `lorenz63`; ten times as much here.
        dt: As for `lorenz63`, here of two Runge-Kutta steps.

    Returns:
        As `lorenz63`.

    Raises:
        ConfigError: An option is out of its range, or dt is too long for the system.
    """
    system = System("bursting_neuron", 3, slope, _start, dt, burn_in, steps_per_bin=2)
    sizes = Sizes(n_train, n_valid, n_test, n_bins)
    return observe(system, seed, sizes, View(noise, observed, delays, delay_bins), bin_width_s)


def slope(state: np.ndarray) -> np.ndarray:
    """Returns dx/dt of states `(..., 3)`."""
    x, y, z = state[..., 0], state[..., 1], state[..., 2]
    squared = x * x
    found = np.empty_like(state)
    found[..., 0] = y - A * squared * x + B * squared - z + CURRENT
    found[..., 1] = C - D * squared - y
    found[..., 2] = R * (S * (x - REST) - z)
    return found


def _start(rng: np.random.Generator, n_starts: int) -> np.ndarray:
    return rng.uniform((-1.0, -5.0, 2.5), (1.0, 0.0, 4.0), (n_starts, 3))
