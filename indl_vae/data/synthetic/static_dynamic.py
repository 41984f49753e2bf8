"""Trials of a static and a dynamic class: which channels rise, and when."""

from __future__ import annotations

import numpy as np

from indl_vae.data.synthetic.registry import SYNTHETIC
from indl_vae.data.synthetic.synthetic_set import SyntheticSet
from indl_vae.errors import ConfigError

#: First onset of the rise and bins from one class's to the next's.
FIRST_ONSET, ONSET_STEP = 4, 5
#: Bins from the onset to the full rise.
RISE = 4
#: Share of the full rate before the rise; least amplitude of a channel in counts per bin, and the most above it.
REST, LEAST, GAIN = 0.3, 0.3, 2.5
#: Deviation of the noise of the Gaussian set: that of a count of 1, which is about the mean.
NOISE_STD = 1.0
NOISES = ("poisson", "gaussian")


@SYNTHETIC.register("static_dynamic")
def static_dynamic(
    seed: int = 0,
    n_train: int = 1200,
    n_valid: int = 200,
    n_test: int = 400,
    n_static: int = 5,
    n_dynamic: int = 4,
    n_channels: int = 16,
    n_bins: int = 25,
    noise: str = "poisson",
    bin_width_s: float = 0.01,
) -> SyntheticSet:
    """Makes the static-dynamic set: what stays the same over a trial, and what moves, are known and independent.

    The mean of channel n in bin t is `amplitude[c, n] * (REST + ramp[d, t])` counts: the static class c is a pattern of
    amplitudes over channels, the dynamic class d the bin in which all begin to rise (4, 9, 14, ...).

    Args:
        seed: Seed of everything random.
        n_train: Training trials.
        n_valid: Validation trials.
        n_test: Test trials.
        n_static: Static classes.
        n_dynamic: Dynamic classes.
        n_channels: Channels N.
        n_bins: Bins T.
        noise: "poisson" for counts, "gaussian" for real values of deviation 1 around the same means.
        bin_width_s: Width of a bin in seconds.

    Returns:
        Data, `*_truth` in Hz (means times a conversion factor with Gaussian noise), `*_static_label` (B,) and
        `*_dynamic_label` (B, T), the same number in all bins, `*_condition` (B,) of both.

    Raises:
        ConfigError: Trials too short for the last class to rise, or no such noise.
    """
    if noise not in NOISES:
        raise ConfigError(f"noise: {noise!r}, expected one of {', '.join(NOISES)}.")
    means = templates(seed, n_static, n_dynamic, n_channels, n_bins)
    rng = np.random.default_rng([seed, 1])
    arrays: dict[str, np.ndarray] = {"conversion_factor": np.float64(1.0 / bin_width_s)} if noise == "gaussian" else {}
    for split, n_trials in {"train": n_train, "valid": n_valid, "test": n_test}.items():
        static, dynamic = rng.integers(n_static, size=n_trials), rng.integers(n_dynamic, size=n_trials)
        arrays |= {f"{split}_{key}": value for key, value in _trials(rng, means, static, dynamic, noise).items()}
        arrays[f"{split}_truth"] = (means[static, dynamic] / bin_width_s).astype(np.float32)
    return SyntheticSet("static_dynamic", {"": arrays}, bin_width_s, likelihood=noise)


def templates(
    seed: int = 0, n_static: int = 5, n_dynamic: int = 4, n_channels: int = 16, n_bins: int = 25
) -> np.ndarray:
    """Returns what the trials of each class are without noise: expected counts `(n_static, n_dynamic, T, N)`.

    Arguments and errors are those of the set.
    """
    last = FIRST_ONSET + ONSET_STEP * (n_dynamic - 1)
    if n_bins < last + RISE:
        raise ConfigError(
            f"n_bins: {n_bins}, expected at least {last + RISE}, for the last of {n_dynamic} dynamic classes to rise."
        )
    rng = np.random.default_rng([seed, 0])
    amplitudes = LEAST + GAIN * rng.beta(0.5, 0.5, (n_static, n_channels))  # most are either small or large
    onsets = FIRST_ONSET + ONSET_STEP * np.arange(n_dynamic)
    ramps = np.clip((np.arange(n_bins) - onsets[:, None] + 1) / RISE, 0.0, 1.0)
    return amplitudes[:, None, None, :] * (REST + ramps)[None, :, :, None]


def _trials(
    rng: np.random.Generator, means: np.ndarray, static: np.ndarray, dynamic: np.ndarray, noise: str
) -> dict[str, np.ndarray]:
    chosen, n_bins = means[static, dynamic], means.shape[2]
    if noise == "poisson":
        data = rng.poisson(chosen).astype(np.int32)
    else:
        data = (chosen + NOISE_STD * rng.normal(size=chosen.shape)).astype(np.float32)
    return {
        "data": data,
        "static_label": static,
        "dynamic_label": np.repeat(dynamic[:, None], n_bins, axis=1),
        "condition": static * means.shape[1] + dynamic,
    }
