"""The Lorenz system itself, as a benchmark for the reconstruction of dynamical systems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.data.synthetic.lorenz import slope
from indl_vae.data.synthetic.observed_system import Sizes, System, observe
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.system_view import View


@SYNTHETIC.register("lorenz63")
def lorenz63(
    seed: int = 0,
    n_train: int = 100,
    n_valid: int = 10,
    n_test: int = 100,
    n_bins: int = 1000,
    noise: float = 0.01,
    observed: int | Sequence[int] | None = None,
    delays: int = 0,
    delay_bins: int = 10,
    dt: float = 0.01,
    burn_in: int = 1000,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the Lorenz-63 set: dx = 10 (y - x), dy = x (28 - z) - y, dz = x y - 8/3 z, by Runge-Kutta steps of dt.

    The training trials are consecutive pieces of one trajectory; each trial of the other splits has a start of its own.
    Values are standardised by the training trajectory. The recipe is that of the sets of Brenner et al. (2022,
    "Tractable dendritic RNNs for reconstructing nonlinear dynamical systems"), whose files are not reproduced.

    Args:
        seed: Seed of everything random.
        n_train: Training trials.
        n_valid: Validation trials.
        n_test: Test trials.
        n_bins: Bins T of a trial.
        noise: Standard deviation of the noise of training and validation data, whose own is 1; test data have none.
        observed: Dimensions that are seen, such as 1 or (0, 2); None for all.
        delays: Number of delay coordinates of the one dimension observed, x(t), x(t + delay_bins), ...; 0 for none.
        delay_bins: Bins between two delay coordinates.
        dt: Time of a bin in the system's unit.
        burn_in: Bins that pass before a trajectory counts.
        bin_width_s: Width of a bin in seconds, which states a unit and changes nothing.

    Returns:
        Values for a Gaussian likelihood, `*_truth` without the noise (conversion factor 1) and `*_latent` (B, T, 3),
        the whole standardised state.

    Raises:
        ConfigError: An option is out of its range, or dt is too long for the system.
    """
    system = System("lorenz63", 3, slope, _start, dt, burn_in)
    sizes = Sizes(n_train, n_valid, n_test, n_bins)
    return observe(system, seed, sizes, View(noise, observed, delays, delay_bins), bin_width_s)


def _start(rng: np.random.Generator, n_starts: int) -> np.ndarray:
    # Around the whole attractor: many that start close to 0 come to circle one of the two fixed points for longer than
    # the burn-in, which makes the third dimension's deviation a tenth too small.
    return rng.uniform((-15.0, -20.0, 5.0), (15.0, 20.0, 45.0), (n_starts, 3))
