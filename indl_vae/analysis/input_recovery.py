"""Inferred inputs against true ones: pulses by their times, continuous inputs by correlation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.errors import DataError

#: Median absolute deviation of a normal distribution, in standard deviations.
_NORMAL_MAD = 0.6745


class PulseScores(NamedTuple):
    """How well pulses are found.

    Attributes:
        hit_rate: Share of the true pulses with a detected one near by.
        false_alarms: Detected pulses without a true one near by, per trial.
        n_pulses: Number of true pulses.
    """

    hit_rate: float
    false_alarms: float
    n_pulses: int


def detect_pulses(inputs: np.ndarray, threshold: float = 4.0, apart: int = 3) -> list[np.ndarray]:
    """Returns the bins at which an inferred input stands out, for each trial.

    The strength of a bin is the distance of the input from its mean in that bin over all trials, in units of the
    whole set's robust standard deviation (so that what all trials have in common, and the noise, is no pulse). A
    pulse is a local maximum above the threshold, the strongest of those closer than `apart` bins.

    Args:
        inputs: `(B, T, Z)`.
        threshold: Least strength of a pulse.
        apart: Bins between pulses.
    """
    from scipy.signal import find_peaks

    strength = np.linalg.norm(inputs - inputs.mean(0), axis=-1)
    scale = np.median(np.abs(inputs - inputs.mean(0))) / _NORMAL_MAD * np.sqrt(inputs.shape[-1])
    padded = np.pad(strength / max(scale, 1e-12), ((0, 0), (1, 1)))
    return [find_peaks(trial, height=threshold, distance=apart)[0] - 1 for trial in padded]


def pulse_scores(detected: list[np.ndarray], truth: np.ndarray, tolerance: int = 2) -> PulseScores:
    """Compares detected pulses with true ones.

    Args:
        detected: Bins of each trial, of `detect_pulses`.
        truth: `(B, T)` or `(B, T, 1)`: not 0 where a pulse is.
        tolerance: Bins by which times may differ.

    Raises:
        DataError: The trials differ in number, or there is no pulse.
    """
    pulses = np.abs(truth.reshape(*truth.shape[:2], -1)).sum(-1) > 0
    if len(pulses) != len(detected):
        raise DataError(f"truth: has {len(pulses)} trials, the detected pulses are of {len(detected)}; give the same.")
    if not pulses.any():
        raise DataError("truth: holds no pulse; give data with input pulses.")
    hits = false = 0
    for bins, trial in zip(detected, pulses, strict=True):
        near = np.abs(np.asarray(bins)[:, None] - np.flatnonzero(trial)[None]) <= tolerance
        hits += int(near.any(0).sum())
        false += int((~near.any(1)).sum())
    return PulseScores(hits / int(pulses.sum()), false / len(pulses), int(pulses.sum()))


def input_correlation(inputs: np.ndarray, truth: np.ndarray) -> float:
    """Returns the correlation of a true input `(B, T, 1)` with the best linear sum of inferred ones `(B, T, Z)`.

    Over all bins of all trials; not negative, since an inferred input has no sign of its own.

    Raises:
        DataError: Trials or bins differ.
    """
    if inputs.shape[:2] != truth.shape[:2]:
        raise DataError(f"inputs: have shape {inputs.shape}, expected the trials and bins of the truth {truth.shape}.")
    rows, target = inputs.reshape(-1, inputs.shape[-1]), truth.reshape(-1)
    centred = rows - rows.mean(0)
    fitted = centred @ np.linalg.lstsq(centred, target - target.mean(), rcond=None)[0]
    return float(np.corrcoef(fitted, target)[0, 1]) if fitted.std() > 0 and target.std() > 0 else 0.0
