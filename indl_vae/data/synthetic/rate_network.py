"""A random network of rate units, as a benchmark for the reconstruction of dynamical systems of many dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.data.synthetic.observed_system import SYSTEM_STREAM, Sizes, System, observe
from indl_vae.data.synthetic.ode import Slope, trajectories
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.system_view import View
from indl_vae.errors import ConfigError

#: The trial run that decides whether a network is taken: starts, step, and steps before and while it is judged.
_STARTS, _DT, _SETTLING, _JUDGED = 4, 0.2, 1000, 2000
#: Least speed of the whole network after settling; least deviation of a unit; most mean of a unit over time.
_LEAST_SPEED, _LEAST_STD, _MOST_MEAN = 1e-3, 0.05, 0.1
_MAX_DRAWS = 100


@SYNTHETIC.register("rate_network")
def rate_network(
    seed: int = 3175,
    n_train: int = 40,
    n_valid: int = 5,
    n_test: int = 20,
    n_bins: int = 500,
    n_units: int = 50,
    gain: float = 1.5,
    noise: float = 0.01,
    observed: int | Sequence[int] | None = None,
    delays: int = 0,
    delay_bins: int = 10,
    dt: float = 0.1,
    burn_in: int = 2000,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the rate-network set: dx = -x + W tanh(x), W_ij ~ N(0, gain^2 / n_units), by Runge-Kutta steps of dt.

    The equations of Sompolinsky, Crisanti and Sommers (1988), in units of the units' time constant. Infinitely large
    networks are chaotic from a gain of 1 on. Of 10,000 networks of 50 units with gain 1.5, 41 % came to rest, nearly
    all others oscillated, and 36 were chaotic. The network here is the first drawn that keeps moving, on an attractor
    that x -> -x maps to itself (else test trials could lie on the mirror image of what was trained on). That of the
    default seed is chaotic, with a largest Lyapunov exponent of 0.036; those of other seeds seldom are. A gain of 2.5
    makes chaos more common. Processors that round differently come to other trajectories of the same attractor.

    Args:
        seed, n_train, n_valid, n_test, n_bins, noise, observed, delays, delay_bins, burn_in, bin_width_s: As for
            `lorenz63`. The seed decides the weights too; that of the default is chaotic.
        n_units: Units, all of which are dimensions of the state.
        gain: Strength g of the weights.
        dt: Time of a bin in time constants of the units.

    Returns:
        As `lorenz63`; `*_latent` (B, T, n_units): standardised x.

    Raises:
        ConfigError: An option is out of its range, or no network that was drawn keeps moving.
    """
    slope = slope_of(draw_weights(seed, n_units, gain))

    def start(rng: np.random.Generator, n_starts: int) -> np.ndarray:
        return rng.normal(size=(n_starts, n_units))

    system = System("rate_network", n_units, slope, start, dt, burn_in)
    sizes = Sizes(n_train, n_valid, n_test, n_bins)
    return observe(system, seed, sizes, View(noise, observed, delays, delay_bins), bin_width_s)


def slope_of(weights: np.ndarray) -> Slope:
    """Returns dx/dt of a network; `weights` `(N, N)`, row i of which leads to unit i."""
    transposed = np.ascontiguousarray(weights.T)
    return lambda state: np.tanh(state) @ transposed - state


def draw_weights(seed: int, n_units: int, gain: float) -> np.ndarray:
    """Returns the weights `(n_units, n_units)` of the first network drawn that keeps moving.

    Raises:
        ConfigError: None of the networks drawn does.
    """
    for draw in range(_MAX_DRAWS):
        rng = np.random.default_rng([seed, SYSTEM_STREAM, draw])
        weights = gain / np.sqrt(n_units) * rng.normal(size=(n_units, n_units))
        if _keeps_moving(slope_of(weights), rng.normal(size=(_STARTS, n_units))):
            return weights
    raise ConfigError(
        f"gain: {gain!r} with n_units {n_units}: none of {_MAX_DRAWS} networks keeps moving; expected more units or a "
        "higher gain, such as 1.5 with 50 units."
    )


def _keeps_moving(slope: Slope, start: np.ndarray) -> bool:
    settled = trajectories(slope, start, 1, _DT, burn_in=_SETTLING)[:, 0]
    if np.linalg.norm(slope(settled), axis=1).min() < _LEAST_SPEED:
        return False
    states = trajectories(slope, settled, _JUDGED, _DT)
    mean, std = states.mean(axis=1), states.std(axis=1)
    return bool(std.min() > _LEAST_STD and np.abs(mean).mean() < _MOST_MEAN)
