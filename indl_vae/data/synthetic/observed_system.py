"""The data set of a dynamical system: standardised, under noise, cut into trials."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from indl_vae.data.keys import SPLITS
from indl_vae.data.synthetic.ode import Slope, trajectories
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.data.synthetic.system_view import View
from indl_vae.errors import ConfigError

#: Number of the random stream that belongs to the system itself, such as a network's weights.
SYSTEM_STREAM = 1
_FIRST_SPLIT_STREAM = 2
#: A dimension that moves less than this is not standardised: it would be rounding errors blown up.
_LEAST_STD = 1e-9


class System(NamedTuple):
    """A system of differential equations and how it is run.

    Attributes:
        name: Name of the set.
        n_dims: Dimensions D.
        slope: dx/dt of states `(..., D)`.
        start: (random numbers, number of states C) to initial states `(C, D)`.
        dt: Time of a bin, in the system's unit.
        burn_in: Bins that pass before a trajectory counts, so that it lies on the attractor.
        steps_per_bin: Runge-Kutta steps in a bin.
    """

    name: str
    n_dims: int
    slope: Slope
    start: Callable[[np.random.Generator, int], np.ndarray]
    dt: float
    burn_in: int
    steps_per_bin: int = 1


class Sizes(NamedTuple):
    """Trials of each split and bins of a trial."""

    n_train: int
    n_valid: int
    n_test: int
    n_bins: int


def observe(system: System, seed: int, sizes: Sizes, view: View, bin_width_s: float) -> SyntheticSet:
    """Makes the data set of a system.

    Training trials are cut, one after the other, from one trajectory; each trial of the others is a trajectory of its
    own. All are standardised, each dimension by mean and standard deviation of the training trajectory. Every split has
    its own stream of random numbers, so its size does not change the others.

    Args:
        system: The system.
        seed: Seed of initial states and noise.
        sizes: Trials and bins.
        view: What is seen, and under which noise.
        bin_width_s: Width of a bin in seconds, which states a unit and changes nothing.

    Returns:
        Data `*_data`, the same without noise `*_truth`, and the standardised states `*_latent` (B, T, D).

    Raises:
        ConfigError: An option is out of its range, or the trajectory leaves every bound or does not move.
    """
    for name, value in (("dt", system.dt), ("bin_width_s", bin_width_s)):
        if value <= 0:
            raise ConfigError(f"{name}: {value!r}, expected a number above 0.")
    random = {name: np.random.default_rng([seed, _FIRST_SPLIT_STREAM + i]) for i, name in enumerate(SPLITS)}
    columns = view.columns(system.n_dims)
    train = _run(system, random["train"], 1, sizes.n_train * sizes.n_bins + view.ahead)
    mean, std = _moments(train[0, : sizes.n_train * sizes.n_bins])
    states = {
        "train": train,
        "valid": _run(system, random["valid"], sizes.n_valid, sizes.n_bins + view.ahead),
        "test": _run(system, random["test"], sizes.n_test, sizes.n_bins + view.ahead),
    }
    arrays = {"conversion_factor": np.array(1.0)}
    for name, split in states.items():
        noise = 0.0 if name == "test" else view.noise
        fields = _fields((split - mean) / std, noise, random[name], view, columns)
        arrays |= {
            f"{name}_{key}": np.reshape(value, (-1, sizes.n_bins, value.shape[-1])).astype(np.float32)
            for key, value in fields.items()
        }
    return SyntheticSet(system.name, {"": arrays}, bin_width_s, likelihood="gaussian")


def _fields(
    states: np.ndarray, noise: float, rng: np.random.Generator, view: View, columns: list[int]
) -> dict[str, np.ndarray]:
    """Returns data, truth and states of trajectories `(C, n_bins + ahead, D)`."""
    n_bins = states.shape[1] - view.ahead
    # Noise of all dimensions, and before the delays: what is seen of less is then a part of what is seen of all.
    noisy = states + noise * rng.normal(size=states.shape)
    return {
        "data": view.show(noisy, columns, n_bins),
        "truth": view.show(states, columns, n_bins),
        "latent": states[:, :n_bins],
    }


def _run(system: System, rng: np.random.Generator, n_starts: int, n_bins: int) -> np.ndarray:
    start = system.start(rng, n_starts)
    found = trajectories(system.slope, start, n_bins, system.dt, system.burn_in, system.steps_per_bin)
    if not np.isfinite(found).all():
        raise ConfigError(
            f"dt: {system.dt!r}, with which a trajectory of {system.name} leaves every bound; expected a shorter step."
        )
    return found


def _moments(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    std = states.std(axis=0)
    still = np.flatnonzero(~(std > _LEAST_STD))
    if still.size:
        raise ConfigError(
            f"n_bins: the {len(states)} training bins do not move in dimension {still[0]}, so they cannot be "
            "standardised; expected a longer trajectory, more bins or trials."
        )
    return states.mean(axis=0), std
