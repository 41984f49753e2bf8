"""Coordinated dropout: what is dropped, how the rest is scaled, and what it says of both."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers import CoordinatedDropout


@pytest.fixture
def counts(rng):
    return rng.poisson(2.0, (8, 40, 25)).astype("f4") + 1.0  # no zeros, so that a zero was dropped


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.7])
def test_entries_are_dropped_or_scaled_and_the_mask_says_which(counts, rate):
    output, kept = CoordinatedDropout(rate, seed=1)(counts, training=True)
    assert kept.dtype == tf.bool and kept.shape == counts.shape
    np.testing.assert_allclose(output, np.where(kept, counts / (1 - rate), 0.0), rtol=1e-6)
    error = np.sqrt(rate * (1 - rate) / counts.size)
    assert abs(kept.numpy().mean() - (1 - rate)) < 4 * error
    for axis in ((0, 1), (0, 2), (1, 2)):
        assert np.ptp(kept.numpy().mean(axis)) < 0.2, "no channel, bin or trial is favoured"


@pytest.mark.parametrize(("rate", "training"), [(0.4, False), (0.0, True)])
def test_otherwise_all_is_kept_unchanged(counts, rate, training):
    output, kept = CoordinatedDropout(rate)(counts, training=training)
    np.testing.assert_array_equal(output, counts)
    assert kept.numpy().all()


def test_the_choice_does_not_depend_on_the_data(counts):
    masks = [CoordinatedDropout(0.5, seed=3)(x, training=True)[1] for x in (counts, np.zeros_like(counts))]
    np.testing.assert_array_equal(*masks)


def test_gradient_passes_at_kept_entries_alone(counts):
    x = tf.constant(counts)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output, kept = CoordinatedDropout(0.5, seed=3)(x, training=True)
    np.testing.assert_array_equal(tape.gradient(output, x), np.where(kept, 2.0, 0.0))


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(ConfigError, match=r"rate of CoordinatedDropout: expected a number in \[0, 1\), got"):
        CoordinatedDropout(rate)


def test_counts_as_integers_are_refused(counts):
    with pytest.raises(
        ConfigError, match="expected floating-point inputs, got .*int32.*; cast counts to float32 first"
    ):
        CoordinatedDropout(0.5)(counts.astype("i4"), training=True)
