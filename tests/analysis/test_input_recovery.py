"""Inferred inputs against true ones."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.input_recovery import detect_pulses, input_correlation, pulse_scores
from indl_vae.errors import DataError

B, T = 40, 60


@pytest.fixture
def noisy(rng):
    """Noise around a course that all trials share, with one pulse a trial at a known bin."""
    bins = rng.integers(10, 50, B)
    inputs = rng.normal(size=(B, T, 1)) * 0.1 + np.sin(np.arange(T) / 5)[None, :, None] * 3
    truth = np.zeros((B, T, 1))
    truth[np.arange(B), bins] = 20.0
    return inputs, truth, bins


def test_pulses_are_found_at_their_bins(noisy):
    inputs, truth, bins = noisy
    inputs[np.arange(B), bins + 1] -= 2.0  # late by a bin, and of either sign
    found = detect_pulses(inputs)
    assert pulse_scores(found, truth) == (1.0, 0.0, B)
    assert pulse_scores(found, truth, tolerance=0).hit_rate == 0.0
    np.testing.assert_array_equal(np.concatenate(found), bins + 1)


def test_what_all_trials_share_is_no_pulse(noisy):
    inputs, truth, _ = noisy
    scores = pulse_scores(detect_pulses(inputs), truth)
    assert scores.hit_rate == 0.0 and scores.false_alarms < 0.05


def test_a_pulse_elsewhere_is_a_false_alarm(noisy):
    inputs, truth, bins = noisy
    inputs[:, 3] += np.where(np.arange(B) % 2 == 0, 4.0, 0.0)[:, None]
    assert pulse_scores(detect_pulses(inputs), truth).false_alarms == pytest.approx(1.0, abs=0.1)
    assert pulse_scores([np.array([3, b]) for b in bins], truth) == (1.0, 1.0, B)


def test_the_ends_of_a_trial_may_hold_a_pulse(rng):
    inputs = rng.normal(size=(30, 8, 2)) * 0.01
    inputs[0, 0], inputs[1, -1] = 1.0, -1.0
    found = detect_pulses(inputs)
    assert found[0].tolist() == [0] and found[1].tolist() == [7]


def test_correlation_takes_sign_scale_and_mixing_out(rng):
    truth, other = rng.normal(size=(5, 9, 1)), rng.normal(size=(5, 9, 1))
    mixed = np.concatenate([-3 * truth + other + 1, other], -1)
    assert input_correlation(mixed, truth) == pytest.approx(1.0)
    assert input_correlation(mixed[..., :1], truth) == pytest.approx(
        abs(np.corrcoef(mixed[..., 0].ravel(), truth.ravel())[0, 1])
    )
    assert input_correlation(np.ones((5, 9, 1)), truth) == 0.0


def test_errors():
    with pytest.raises(DataError, match="truth: has 2 trials, the detected pulses are of 1"):
        pulse_scores([np.array([1])], np.ones((2, 3, 1)))
    with pytest.raises(DataError, match="truth: holds no pulse"):
        pulse_scores([np.array([1])], np.zeros((1, 3, 1)))
    with pytest.raises(DataError, match=r"inputs: have shape \(2, 3, 1\), expected the trials and bins"):
        input_correlation(np.zeros((2, 3, 1)), np.zeros((2, 4, 1)))
