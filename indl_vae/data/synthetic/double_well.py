"""Two regions that decide: evidence is gathered, a switch happens, and the other region takes over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.data.keys import SPLITS
from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

#: Channels of each region, and bins in which clicks may come: from the first to before the last.
_CHANNELS, _CLICKS = 50, (3, 20)
#: Expected clicks against and for, of trials that are for.
_FEW, _MANY, _CLICK = 5, 20, 0.55
_START = (0.0, 0.5), (-0.725, 0.0)
#: Where the second region's well lies, and how sharply reaching it makes the state switch.
_WELL, _SHARPNESS = 0.725, 40.0
#: Grid on which the strength of the first region's second state is read off.
_RAMP = 99.0


class Paths(NamedTuple):
    """A simulation.

    Attributes:
        latent: `(B, T, 4)`: the two regions' latents.
        states: `(B, T)`: discrete states, 0 then 1.
        messages: `(B, T, 2, 2, 2)`: to a region, from a region, by latent; 0 in the first bin.
    """

    latent: np.ndarray
    states: np.ndarray
    messages: np.ndarray


@SYNTHETIC.register("double_well")
def double_well(
    seed: int = 0,
    n_train: int = 360,
    n_valid: int = 45,
    n_test: int = 45,
    n_bins: int = 75,
    noise: float = 0.1,
    process_noise: float = 1.0,
    input_lag: int = 0,
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the double-well set (Karniol-Tambour et al. 2024): two regions of two latents, two discrete states.

    In state 0 region 1 adds up clicks for and against, and pushes region 2 over the hill between its wells; when
    region 2 arrives, the state switches, region 1 decides and forgets, and region 2 goes back and pushes region 1.

    Args:
        seed: Seed of everything random but the read-out, which is always the same.
        n_train: Training trials.
        n_valid: Validation trials.
        n_test: Test trials.
        n_bins: Bins T of a trial.
        noise: Standard deviation of the noise of training and validation data; test data have none. Published: 0.
        process_noise: Factor of the latents' noise.
        input_lag: Bins from an input to its effect. 0: what stands in a bin acts on the step to that bin, clicks on the
            latents and the cue on the state that rules it; 1, as published, clicks act on the next bin, and the cue
            stands in the bin before the new state, two before the first step that it rules.
        bin_width_s: Width of a bin in seconds, which states a unit and changes nothing.

    Returns:
        Values `*_data` (B, T, 100) for a Gaussian likelihood, `*_truth` without noise (conversion factor 1),
        `*_ext_input` (B, T, 2) clicks and the cue of the switch, `*_latent` (B, T, 4), `*_dynamic_label` (B, T) the
        discrete states, each of which rules the step from its bin to the next, `*_messages` (B, T, 2, 2, 2) to a
        region from a region, `*_condition` 0 and 1, against and for, and `region_sizes`.

    Raises:
        ConfigError: An option is out of its range.
    """
    _check(n_bins, noise, process_noise, input_lag, bin_width_s)
    readout = np.random.RandomState(0).normal(size=(2, _CHANNELS, 2))
    arrays = {"conversion_factor": np.array(1.0), "region_sizes": np.array([_CHANNELS, _CHANNELS])}
    for stream, (name, n_trials) in enumerate(zip(SPLITS, (n_train, n_valid, n_test), strict=True)):
        rng = np.random.default_rng([seed, stream])
        sides = rng.random(n_trials) < 0.5
        clicks = draw_clicks(rng, sides, n_bins)
        paths = simulate(rng, clicks, process_noise)
        truth = np.concatenate([paths.latent[..., 2 * i : 2 * i + 2] @ readout[i].T for i in (0, 1)], -1)
        noisy = truth + (0.0 if name == "test" else noise) * rng.normal(size=truth.shape)
        inputs = _inputs(clicks, paths.states, input_lag)
        fields = {"data": noisy, "truth": truth, "ext_input": inputs, "latent": paths.latent}
        arrays |= {f"{name}_{key}": value.astype(np.float32) for key, value in fields.items()}
        arrays[f"{name}_messages"] = paths.messages.astype(np.float32)
        arrays[f"{name}_dynamic_label"] = paths.states
        arrays[f"{name}_condition"] = sides.astype(np.int64)
    return SyntheticSet("double_well", {"": arrays}, bin_width_s, likelihood="gaussian")


def draw_clicks(rng: np.random.Generator, sides: np.ndarray, n_bins: int) -> np.ndarray:
    """Returns the sum of clicks in each bin, `(B, T)`; those of trials for a side are 4 times those against it."""
    clicks = np.zeros((len(sides), n_bins))
    for sign, mean in ((1.0, np.where(sides, _MANY, _FEW)), (-1.0, np.where(sides, _FEW, _MANY))):
        counts = rng.poisson(mean)
        trials = np.repeat(np.arange(len(sides)), counts)
        np.add.at(clicks, (trials, rng.integers(*_CLICKS, len(trials))), sign * _CLICK)
    return clicks


def simulate(rng: np.random.Generator, clicks: np.ndarray, process_noise: float = 1.0) -> Paths:
    """Runs the two regions; a click in bin t moves the latents of bin t + 1.

    Args:
        rng: Of the noise and of the switches.
        clicks: `(B, T)`.
        process_noise: Factor of the latents' noise.
    """
    n_trials, n_bins = clicks.shape
    latent, states = np.zeros((n_trials, n_bins, 4)), np.zeros((n_trials, n_bins), np.int64)
    messages = np.zeros((n_trials, n_bins, 2, 2, 2))
    x, v = (np.tile(start, (n_trials, 1)) for start in _START)
    latent[:, 0] = np.concatenate([x, v], 1)
    for t in range(1, n_bins):
        shared = process_noise * rng.normal(size=(4, n_trials, 1))  # of both latents of a region
        switched = states[:, t - 1, None]
        step = np.where(switched[..., None, None], _after(x, v, shared), _before(x, v, shared))
        drive = np.where(switched, 0.06, 0.075) * np.stack([clicks[:, t - 1], np.zeros(n_trials)], 1)
        messages[:, t] = step[:, :, :2]
        moved = step.sum(2)
        x, v = x + moved[:, 0] + drive, v + moved[:, 1]
        arrived = rng.random(n_trials) < np.exp(-_SHARPNESS * np.minimum(1.0, np.abs(v[:, 0] - _WELL)))
        states[:, t] = states[:, t - 1] | arrived
        latent[:, t] = np.concatenate([x, v], 1)
    return Paths(latent, states, messages)


def _before(x: np.ndarray, v: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Returns what moves the regions in state 0: `(B, 2, 3, 2)`, to each region from 1, from 2, and from noise."""
    step = np.zeros((len(x), 2, 3, 2))
    step[:, 0, 0] = 0.075 * np.stack([x[:, 0] - x[:, 0] ** 3, -x[:, 1]], 1)
    step[:, 0, 2] = 0.075 * 0.008 * shared[0] * (0.05, 0.05)
    step[:, 1, 0, 0] = 0.125 * 0.75 * x[:, 1]
    step[:, 1, 1] = 0.08 * _wells(v)
    step[:, 1, 2] = 0.08 * 0.2 * shared[1] * (0.025, 0.45)
    return step


def _after(x: np.ndarray, v: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Returns the same in state 1."""
    step = np.zeros((len(x), 2, 3, 2))
    forget = np.round(np.clip(2.0 * x[:, 1:], 0.0, 1.0) * _RAMP) / _RAMP
    gather = np.stack([-x[:, 0], 0.55 * (x[:, 1] + 0.04 * np.abs(x[:, 0]))], 1)
    rest = np.stack([-2.0 * x[:, 0], 0.45 - x[:, 1]], 1)
    step[:, 0, 0] = 0.06 * ((1.0 - forget) * gather + forget * rest)
    step[:, 0, 2] = 0.06 * 0.025 * shared[2] * (7.5, 2.0)
    step[:, 1, 1] = -0.1 * _wells(v) + (-0.015, 0.0)
    step[:, 1, 2] = -0.1 * 0.2 * shared[3] * (0.075, 0.2)
    step[:, 0, 1, 1] = 0.025 * 0.35 * np.abs(step[:, 1, 1:, 0].sum(1) + _WELL)
    return step


def _wells(v: np.ndarray) -> np.ndarray:
    """Returns the field with a hill at -0.7 and a well at 0.7 of the first latent."""
    field = np.stack([1.0 - 2.0 * v[:, 0] ** 2, -2.0 * v[:, 0] * v[:, 1]], 1)
    return field * np.exp(-(v**2).sum(1, keepdims=True))


def _inputs(clicks: np.ndarray, states: np.ndarray, input_lag: int) -> np.ndarray:
    """Returns clicks and the cue that comes with the switch, `(B, T, 2)`."""
    cue = (np.diff(states, axis=1, prepend=0) > 0).astype(float)
    if input_lag:
        return np.stack([clicks, _moved(cue, -1)], -1)
    return np.stack([_moved(clicks, 1), _moved(cue, 1)], -1)  # a state rules the step from its bin, not to it


def _moved(values: np.ndarray, bins: int) -> np.ndarray:
    """Returns values `(B, T)` that many bins later, zeros where there were none."""
    empty = np.zeros_like(values[:, : abs(bins)])
    return np.concatenate([empty, values[:, :-bins]] if bins > 0 else [values[:, -bins:], empty], 1)


def _check(n_bins: int, noise: float, process_noise: float, input_lag: int, bin_width_s: float) -> None:
    if n_bins < _CLICKS[1]:
        raise ConfigError(f"n_bins: {n_bins}, expected at least {_CLICKS[1]}, in which the clicks come.")
    if noise < 0 or process_noise < 0:
        raise ConfigError(f"noise, process_noise: {noise!r} and {process_noise!r}, expected numbers from 0 up.")
    if input_lag not in (0, 1):
        raise ConfigError(f"input_lag: {input_lag!r}, expected 0 or 1.")
    if bin_width_s <= 0:
        raise ConfigError(f"bin_width_s: {bin_width_s!r}, expected a number above 0.")
