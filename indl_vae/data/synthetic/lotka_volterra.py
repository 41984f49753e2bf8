"""A predator and its prey, each seen by one region, under constants that switch."""

from __future__ import annotations

import numpy as np

from indl_vae.data.keys import SPLITS
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

#: Constants of both states: growth, predation, gain, death; in the second, time runs backwards.
CONSTANTS = np.array([[2.0 / 3.0, 4.0 / 3.0, 1.0, 1.0], [0.9, 1.1, 0.8, 1.2]])
#: Euler steps: how long, how many in a bin, and where the first and last switch of a trial may be.
_DT, _STEPS, _FIRST = 0.001, 500, 10
_CHANNELS = 50
#: Most switches in a trial.
_SWITCHES = 3


@SYNTHETIC.register("lotka_volterra")
def lotka_volterra(
    seed: int = 0,
    n_train: int = 400,
    n_valid: int = 50,
    n_test: int = 50,
    n_bins: int = 150,
    noise: float = 0.1,
    process_noise: float = 1e-3,
    offset: float = 0.0,
    input_lag: int = 0,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the Lotka-Volterra set (Karniol-Tambour et al. 2024): one system of two dimensions, seen by two regions.

    `a' = alpha a - beta a b`, `b' = delta a b - gamma b` in state 0; in state 1 with other constants and time reversed.
    Region 1 sees b alone and region 2 sees a alone. From 1 to 3 switches a trial, at times drawn with replacement.

    Args:
        seed: Seed of everything random.
        n_train: Training trials.
        n_valid: Validation trials.
        n_test: Test trials.
        n_bins: Bins T of a trial, of 0.5 time units each.
        noise: Standard deviation of the noise of training and validation data; test data have none. Published: 0.
        process_noise: Standard deviation of what is added to the latents that are seen, and does not move them.
        offset: Standard deviation of a constant of each channel and trial. Published: 1.
        input_lag: Bins from the cue of a switch to the switch. 0: it stands in the first bin of the new state; 1, as
            published, in the bin before.
        bin_width_s: Width of a bin in seconds, which states a unit and changes nothing.

    Returns:
        Values `*_data` (B, T, 100) for a Gaussian likelihood, `*_truth` without noise (conversion factor 1),
        `*_ext_input` (B, T, 1) the cue of a switch, `*_latent` (B, T, 2) a and b, `*_dynamic_label` (B, T) the discrete
        states, and `region_sizes`.

    Raises:
        ConfigError: An option is out of its range.
    """
    _check(n_bins, noise, process_noise, offset, input_lag, bin_width_s)
    readout = np.random.default_rng([seed, 3]).normal(size=(2 * _CHANNELS, 2))
    readout[:_CHANNELS, 0] = readout[_CHANNELS:, 1] = 0.0
    arrays = {"conversion_factor": np.array(1.0), "region_sizes": np.array([_CHANNELS, _CHANNELS])}
    for stream, (name, n_trials) in enumerate(zip(SPLITS, (n_train, n_valid, n_test), strict=True)):
        rng = np.random.default_rng([seed, stream])
        states = draw_states(rng, n_trials, n_bins)
        latent = simulate(1.0 + 0.2 * rng.random((n_trials, 2)), states)
        latent += process_noise * rng.normal(size=latent.shape)
        truth = latent @ readout.T + offset * rng.normal(size=(n_trials, 1, 2 * _CHANNELS))
        noisy = truth + (0.0 if name == "test" else noise) * rng.normal(size=truth.shape)
        cue = (np.diff(states, axis=1, prepend=states[:, :1]) != 0).astype(float)
        cue = np.concatenate([cue[:, 1:], np.zeros_like(cue[:, :1])], 1) if input_lag else cue
        fields = {"data": noisy, "truth": truth, "ext_input": cue[..., None], "latent": latent}
        arrays |= {f"{name}_{key}": value.astype(np.float32) for key, value in fields.items()}
        arrays[f"{name}_dynamic_label"] = states
    return SyntheticSet("lotka_volterra", {"": arrays}, bin_width_s, likelihood="gaussian")


def draw_states(rng: np.random.Generator, n_trials: int, n_bins: int) -> np.ndarray:
    """Returns discrete states `(B, T)`, 0 at first, changed at 1 to 3 times; two of them may be one and cancel."""
    counts = rng.integers(1, _SWITCHES + 1, n_trials)
    times = rng.integers(_FIRST, n_bins - _FIRST + 1, (n_trials, _SWITCHES))
    changes = np.zeros((n_trials, n_bins), np.int64)
    for n in range(_SWITCHES):
        there = np.flatnonzero(counts > n)
        np.add.at(changes, (there, times[there, n]), 1)
    return np.cumsum(changes, 1) % 2


def simulate(start: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Returns the latents `(B, T, 2)` from starts `(B, 2)`; the state of a bin holds on the way to it."""
    latent = np.empty((*states.shape, 2))
    latent[:, 0], (a, b) = start, start.T
    for t in range(1, states.shape[1]):
        alpha, beta, gamma, delta = CONSTANTS[states[:, t]].T
        sign = np.where(states[:, t] == 0, _DT, -_DT)
        for _ in range(_STEPS):
            a, b = a + sign * (alpha * a - beta * a * b), b + sign * (delta * a * b - gamma * b)
        latent[:, t] = np.stack([a, b], 1)
    return latent


def _check(n_bins: int, noise: float, process_noise: float, offset: float, input_lag: int, bin_width_s: float) -> None:
    if n_bins <= 2 * _FIRST:
        raise ConfigError(f"n_bins: {n_bins}, expected more than {2 * _FIRST}: no switch is near the ends of a trial.")
    if min(noise, process_noise, offset) < 0:
        raise ConfigError(
            f"noise, process_noise, offset: {noise!r}, {process_noise!r} and {offset!r}, expected numbers from 0 up."
        )
    if input_lag not in (0, 1):
        raise ConfigError(f"input_lag: {input_lag!r}, expected 0 or 1.")
    if bin_width_s <= 0:
        raise ConfigError(f"bin_width_s: {bin_width_s!r}, expected a number above 0.")
