"""Spikes moved by a few bins: none is lost, and each goes where the law says."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.errors import ConfigError
from indl_vae.layers import SpikeJitter
from indl_vae.layers.batch_window import batch_window


def jittered(counts, width, inclusive=True, movable=None, seed=3):
    layer = SpikeJitter(width, inclusive, seed=seed)
    movable = None if movable is None else tf.constant(movable, tf.float32)
    return layer(tf.constant(counts, tf.float32), movable, training=True).numpy()


@given(
    st.integers(1, 3), st.booleans(), st.integers(0, 2**31 - 1),
    st.lists(st.integers(0, 4), min_size=2 * 6 * 2, max_size=2 * 6 * 2),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_every_spike_is_kept_in_its_trial_and_channel(width, inclusive, seed, values):
    counts = np.array(values).reshape(2, 6, 2)
    moved = jittered(counts, width, inclusive, seed=seed)
    np.testing.assert_array_equal(moved.sum(1), counts.sum(1))
    assert (moved >= 0).all() and (moved == np.round(moved)).all()


@pytest.mark.parametrize(("inclusive", "displacements"), [(True, range(-2, 3)), (False, range(-2, 2))])
def test_law_of_the_displacements(inclusive, displacements):
    counts = np.zeros((4000, 11, 5))
    counts[:, 5] = 2  # two spikes a channel, far from both ends: two levels, each with draws of its own
    share = jittered(counts, 2, inclusive).mean((0, 2)) / 2
    expected = np.zeros(11)
    expected[[5 + by for by in displacements]] = 1 / len(displacements)
    np.testing.assert_allclose(share, expected, atol=0.006)
    assert (share[expected == 0] == 0).all()


def test_levels_and_entries_have_draws_of_their_own():
    counts = np.zeros((4000, 11, 1))
    counts[:, 5] = 2
    moved = jittered(counts, 2)
    together = (moved == 2).any(1).mean()
    assert together == pytest.approx(1 / 5, abs=0.02), "two spikes of a bin land together by chance alone"


@pytest.mark.parametrize(
    ("start", "reflected"), [(0, {0: 1, 1: 2, 2: 2}), (9, {9: 1, 8: 2, 7: 2}), (1, {0: 1, 1: 2, 2: 1, 3: 1})]
)
def test_spikes_are_reflected_at_the_ends(start, reflected):
    counts = np.zeros((5000, 10, 2))
    counts[:, start] = 1
    share = jittered(counts, 2).mean((0, 2))
    expected = np.zeros(10)
    for place, times in reflected.items():
        expected[place] = times / 5
    np.testing.assert_allclose(share, expected, atol=0.012)


def test_missing_entries_keep_what_they_hold_and_get_nothing():
    rng = np.random.default_rng(0)
    counts = rng.poisson(1.0, (50, 8, 3)).astype("f4")
    movable = rng.random((50, 8, 3)) < 0.7
    counts[~movable] = np.nan
    moved = jittered(counts, 3, movable=movable)
    assert np.isnan(moved[~movable]).all()
    np.testing.assert_array_equal(np.where(movable, moved, 0).sum(1), np.where(movable, counts, 0).sum(1))
    assert (moved[movable] != counts[movable]).any()


def test_nothing_moves_outside_of_training_nor_at_width_0():
    counts = tf.constant(np.random.default_rng(0).poisson(1.0, (3, 6, 2)), tf.float32)
    np.testing.assert_array_equal(SpikeJitter(2, seed=1)(counts), counts)
    np.testing.assert_array_equal(SpikeJitter(0, seed=1)(counts, training=True), counts)


def test_compiled_and_in_windows_the_draws_are_the_same():
    counts = tf.constant(np.random.default_rng(0).poisson(1.0, (6, 9, 2)), tf.float32)

    layer = SpikeJitter(2, seed=1)

    def run(part, first):
        with batch_window(first):
            return layer(part, training=True)

    whole = run(counts, 0)
    np.testing.assert_array_equal(tf.function(run, jit_compile=True)(counts, tf.constant(0)), whole)
    np.testing.assert_array_equal(tf.concat([run(counts[:2], 0), run(counts[2:], 2)], 0), whole)


def test_faults():
    with pytest.raises(ConfigError, match=r"width of SpikeJitter: expected a number of bins >= 0, got -1"):
        SpikeJitter(-1)
    with pytest.raises(ConfigError, match=r"spike_jitter_width: expected fewer than the 5 bins of a trial, got 5"):
        jittered(np.zeros((1, 5, 1)), 5)
