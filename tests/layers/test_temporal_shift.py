"""Channels shifted as a whole: the law of the shifts, the repeated ends, one draw for arrays that go together."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers import TemporalShift

T = 31


@pytest.fixture(scope="module")
def shifts():
    """The shifts of a big array that holds its own bins' numbers, read at the middle bin."""
    bins = np.broadcast_to(np.arange(T, dtype="f4")[None, :, None], (400, T, 50))
    shifted = TemporalShift(3.0, 6, seed=2)(tf.constant(bins), training=True).numpy()
    drawn = 15 - shifted[:, 15]
    np.testing.assert_array_equal(shifted, np.clip(np.arange(T)[None, :, None] - drawn[:, None], 0, T - 1))
    return drawn.ravel()


def test_shifts_are_rounded_normal_draws_limited_at_both_ends(shifts):
    below = [0.5 * (1 + math.erf((k + 0.5) / (3.0 * math.sqrt(2)))) for k in range(-7, 7)]
    expected = np.diff(below)  # of -6 ... 6, without what lies beyond
    expected[0] = below[1]
    expected[-1] = 1 - below[-2]
    found = [(shifts == k).mean() for k in range(-6, 7)]
    np.testing.assert_allclose(found, expected, atol=0.011)
    assert np.abs(shifts).max() == 6


def test_arrays_given_together_are_shifted_together():
    x = tf.constant(np.random.default_rng(0).normal(size=(5, 9, 3)), tf.float32)
    first, second = TemporalShift(seed=1)([x, 2.0 * x], training=True)
    np.testing.assert_array_equal(2.0 * first, second)
    assert not np.array_equal(first, x)


def test_nothing_is_shifted_outside_of_training():
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 5, 3)), tf.float32)
    np.testing.assert_array_equal(TemporalShift(seed=1)(x), x)


@pytest.mark.parametrize("name", ["std", "max_shift"])
def test_faults(name):
    with pytest.raises(ConfigError, match=rf"{name} of TemporalShift: expected a number of bins >= 0, got -1"):
        TemporalShift(**{name: -1})
