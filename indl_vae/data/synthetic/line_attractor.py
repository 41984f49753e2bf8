"""Evidence summed up and held: an integration task with known input, whose solution is a line attractor."""

from __future__ import annotations

import numpy as np

from indl_vae.data.keys import SPLITS
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError


@SYNTHETIC.register("line_attractor")
def line_attractor(
    seed: int = 0,
    n_train: int = 100,
    n_valid: int = 20,
    n_test: int = 100,
    n_bins: int = 200,
    pulse_rate: float = 0.05,
    pulse: float = 0.25,
    limit: float = 3.0,
    hold_bins: int = 50,
    noise: float = 0.05,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the line-attractor set: y_t = y_{t-1} + u1_t - u2_t, y before the first bin 0, seen under noise.

    u1 and u2 are pulses for and against, the measured input. A pulse that would take the integral beyond the limit is
    left out of the input, so the integral is the plain sum of the input and stays within the limit.

    Args:
        seed: Seed of everything random.
        n_train: Training trials.
        n_valid: Validation trials.
        n_test: Test trials.
        n_bins: Bins T of a trial.
        pulse_rate: Probability of a pulse in a bin, of each of the two inputs.
        pulse: Height of a pulse; 0.25 is exact in binary, and so are the sums of it.
        limit: Largest absolute value of the integral.
        hold_bins: Last bins of a trial, without pulses, in which the integral is to be held.
        noise: Standard deviation of the noise of training and validation data; test data have none.
        bin_width_s: Width of a bin in seconds, which states a unit and changes nothing.

    Returns:
        Values `*_data` (B, T, 1) for a Gaussian likelihood, `*_truth` without the noise (conversion factor 1),
        `*_ext_input` (B, T, 2) the pulses, and `*_latent` (B, T, 1), the integral.

    Raises:
        ConfigError: An option is out of its range.
    """
    _check(n_bins, pulse_rate, pulse, limit, hold_bins, noise, bin_width_s)
    arrays = {"conversion_factor": np.array(1.0)}
    for stream, (name, n_trials) in enumerate(zip(SPLITS, (n_train, n_valid, n_test), strict=True)):
        rng = np.random.default_rng([seed, stream])
        wanted = pulse * (rng.random((n_trials, n_bins, 2)) < pulse_rate)
        wanted[:, n_bins - hold_bins :] = 0.0
        pulses = within(wanted, limit)
        integral = np.cumsum(pulses[:, :, :1] - pulses[:, :, 1:], axis=1)
        noisy = integral + (0.0 if name == "test" else noise) * rng.normal(size=integral.shape)
        fields = {"data": noisy, "truth": integral, "ext_input": pulses, "latent": integral}
        arrays |= {f"{name}_{key}": value.astype(np.float32) for key, value in fields.items()}
    return SyntheticSet("line_attractor", {"": arrays}, bin_width_s, likelihood="gaussian")


def within(pulses: np.ndarray, limit: float) -> np.ndarray:
    """Returns pulses `(B, T, 2)` without those of bins that would take the integral beyond +-limit."""
    kept, integral = pulses.copy(), np.zeros(len(pulses))
    for t in range(pulses.shape[1]):
        reached = integral + pulses[:, t, 0] - pulses[:, t, 1]
        beyond = np.abs(reached) > limit
        kept[beyond, t] = 0.0
        integral = np.where(beyond, integral, reached)
    return kept


def _check(
    n_bins: int, pulse_rate: float, pulse: float, limit: float, hold_bins: int, noise: float, bin_width_s: float
) -> None:
    if not 0 < pulse_rate < 1:
        raise ConfigError(f"pulse_rate: {pulse_rate!r}, expected a probability above 0 and below 1.")
    if pulse <= 0:
        raise ConfigError(f"pulse: {pulse!r}, expected a height above 0.")
    if limit < pulse:
        raise ConfigError(f"limit: {limit!r}, expected at least the height of a pulse, {pulse!r}.")
    if hold_bins >= n_bins:
        raise ConfigError(f"hold_bins: {hold_bins}, expected fewer than n_bins {n_bins}; pulses need bins too.")
    if noise < 0:
        raise ConfigError(f"noise: {noise!r}, expected a standard deviation from 0 up.")
    if bin_width_s <= 0:
        raise ConfigError(f"bin_width_s: {bin_width_s!r}, expected a number above 0.")
