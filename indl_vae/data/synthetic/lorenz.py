"""Spikes of a population that reads out a Lorenz system."""

from __future__ import annotations

import numpy as np

from indl_vae.data.synthetic import ode
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

SIGMA, RHO, BETA = 10.0, 28.0, 8.0 / 3.0
#: Mean and standard deviation of the system on its attractor.
MEAN = np.array([0.0, 0.0, 25.8])
STD = np.array([8.6, 9.4, 7.2])


@SYNTHETIC.register("lorenz")
def lorenz(
    seed: int = 0,
    n_conditions: int = 20,
    n_replications: int = 40,
    n_channels: int = 60,
    n_bins: int = 100,
    base_rate_hz: float = 10.0,
    bin_width_s: float = 0.01,
    valid_share: float = 0.2,
    burn_in: int = 500,
) -> SyntheticSet:
    """Makes the Lorenz data set.

    rate_n(t) = base_rate_hz * exp(s(t) . w_n) Hz with the standardised Lorenz state s and w ~ U(-1, 1)^3; spikes are
    Poisson(rate * bin_width_s). All replications of a condition share one trajectory. The recipe is that of the LFADS
    tutorial set (base rate 1 Hz, no burn-in: about 2 Hz on average, bursts of hundreds of Hz); the defaults here, a
    mean rate of about 15 Hz on the attractor itself, carry enough spikes for rates to be recovered within minutes.

    Args:
        seed: Seed of everything random.
        n_conditions: Initial states.
        n_replications: Trials of each initial state.
        n_channels: Channels N.
        n_bins: Bins T.
        base_rate_hz: Rate at the mean state; the mean rate is about 1.5 times it.
        bin_width_s: Width of a bin in seconds; the Lorenz system runs 0.01 of its time units a bin whatever it is.
        valid_share: Share of the trials, drawn at random, that make the validation split.
        burn_in: Bins that pass before the trial begins, so that it lies on the attractor.

    Returns:
        Counts, truth in Hz, `*_latent` (B, T, 3) standardised, `*_condition` and `*_inds`.

    Raises:
        ConfigError: Fewer than two trials, a share that leaves a split empty, or a rate or width of 0 or below.
    """
    for name, value in (("base_rate_hz", base_rate_hz), ("bin_width_s", bin_width_s)):
        if value <= 0:
            raise ConfigError(f"{name}: {value!r}, expected a number above 0.")
    rng = np.random.default_rng(seed)
    states = (trajectories(rng.uniform(-10.0, 10.0, (n_conditions, 3)), burn_in + n_bins)[:, burn_in:] - MEAN) / STD
    readout = rng.uniform(-1.0, 1.0, (3, n_channels))
    condition = np.repeat(np.arange(n_conditions), n_replications)
    rates = (base_rate_hz * np.exp(states @ readout))[condition]
    spikes = rng.poisson(rates * bin_width_s)
    fields = {
        "data": spikes.astype(np.int32),
        "truth": rates.astype(np.float32),
        "latent": states[condition].astype(np.float32),
        "condition": condition,
        "inds": np.arange(len(condition)),
    }
    valid = _valid_trials(rng, len(condition), valid_share)
    arrays = {f"train_{key}": value[~valid] for key, value in fields.items()}
    arrays.update({f"valid_{key}": value[valid] for key, value in fields.items()})
    return SyntheticSet("lorenz", {"": arrays}, bin_width_s)


def trajectories(start: np.ndarray, n_steps: int, dt: float = 0.01) -> np.ndarray:
    """Returns Lorenz trajectories by the classical Runge-Kutta rule.

    Args:
        start: Initial states `(C, 3)`.
        n_steps: Steps, the initial state being the first.
        dt: Step in the system's time.

    Returns:
        `(C, n_steps, 3)` float64.
    """
    return ode.trajectories(slope, start, n_steps, dt)


def slope(state: np.ndarray) -> np.ndarray:
    """Returns dx/dt of states `(..., 3)`."""
    x, y, z = state[..., 0], state[..., 1], state[..., 2]
    found = np.empty_like(state)
    found[..., 0] = SIGMA * (y - x)
    found[..., 1] = x * (RHO - z) - y
    found[..., 2] = x * y - BETA * z
    return found


def _valid_trials(rng: np.random.Generator, n_trials: int, share: float) -> np.ndarray:
    n_valid = round(n_trials * share)
    if not 0 < n_valid < n_trials:
        raise ConfigError(
            f"valid_share: {share!r} of {n_trials} trials is {n_valid}, expected some but not all; take more trials."
        )
    valid = np.zeros(n_trials, bool)
    valid[rng.permutation(n_trials)[:n_valid]] = True
    return valid
