"""The table of means against plain NumPy, and estimates against their formula."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.errors import ConfigError
from indl_vae.layers import SequenceMeans

VARIANCE = 0.25


def naive(loc, counted, sequence, table, sizes):
    """Returns mean, mean_nlp and the discriminative term, trial by trial and segment by segment."""
    means, nlps, told = [], [], []
    for i in range(len(loc)):
        own = counted[i].sum()
        row = int(sequence[i]) if 0 <= sequence[i] < len(table) else None
        estimate = (loc[i] * counted[i][:, None]).sum(0) / (own + VARIANCE)
        mean = estimate if row is None else table[row]
        log_p = -0.5 * (mean**2).sum() - 0.5 * len(mean) * np.log(2 * np.pi)
        means.append(mean)
        nlps.append(-log_p * own / max(own if row is None else sizes[row], 1.0))
        total = 0.0
        for s in range(loc.shape[1]):
            if row is not None and counted[i, s]:
                logits = np.array([-((loc[i, s] - mu) ** 2).sum() / (2 * VARIANCE) for mu in table])
                total -= logits[row] - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        told.append(total)
    return np.array(means), np.array(nlps), np.array(told)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4), st.integers(1, 5)),
    seed=st.integers(0, 1000),
)
def test_it_is_what_the_formulas_say(shape, seed):
    n, n_segments, dim, rows = shape
    rng = np.random.default_rng(seed)
    layer = SequenceMeans(dim, rows)
    layer.table.assign(rng.normal(size=(rows, dim)))
    layer.sizes.assign(rng.integers(1, 20, rows))
    loc = rng.normal(size=(n, n_segments, dim)).astype("f4")
    counted = (rng.random((n, n_segments)) < 0.7).astype("f4")
    sequence = rng.integers(-1, rows + 1, n).astype("f4")  # with one below and one above those that have a row
    expected = naive(loc, counted, sequence, np.asarray(layer.table), np.asarray(layer.sizes))
    found = layer(loc, counted, sequence, training=True)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    told = layer(loc, counted, sequence).discriminative
    np.testing.assert_array_equal(told, np.zeros(n))


def test_without_numbers_every_trial_is_a_sequence_of_its_own():
    layer = SequenceMeans(2, 3)
    loc, counted = np.ones((2, 3, 2), "f4"), np.array([[1, 1, 1], [1, 0, 0]], "f4")
    mean, nlp, told = layer(loc, counted, training=True)
    np.testing.assert_allclose(mean, [[3 / 3.25] * 2, [1 / 1.25] * 2], rtol=1e-6)
    np.testing.assert_allclose(nlp, 0.5 * np.sum(np.square(mean), -1) + np.log(2 * np.pi), rtol=1e-6)
    np.testing.assert_array_equal(told, [0, 0])


def test_rows_are_for_their_members():
    layer = SequenceMeans(2, 2)
    layer.members.assign([7.0, 300.0])
    mean = layer(np.zeros((3, 1, 2), "f4"), np.ones((3, 1), "f4"), np.array([300, 7, 1], "f4")).mean
    np.testing.assert_array_equal(mean[:2], np.asarray(layer.table)[::-1])
    np.testing.assert_array_equal(mean[2], [0, 0])


def test_the_estimate_is_where_the_density_is_highest():
    rng = np.random.default_rng(3)
    layer = SequenceMeans(3, 1, mean_std=0.7, given_std=0.4)
    loc = rng.normal(size=(1, 6, 3)).astype("f4")
    estimate = tf.Variable(layer.estimate(loc, np.ones((1, 6), "f4")))
    with tf.GradientTape() as tape:
        log_p = -tf.reduce_sum((loc - estimate[:, None]) ** 2) / (2 * 0.4**2)
        log_p -= tf.reduce_sum(estimate**2) / (2 * 0.7**2)
    np.testing.assert_allclose(tape.gradient(log_p, estimate), 0.0, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dim": 0, "rows": 2}, "expected dim and rows of at least 1, got 0 and 2"),
        ({"dim": 2, "rows": 0}, "expected dim and rows of at least 1, got 2 and 0"),
        ({"dim": 2, "rows": 2, "given_std": 0.0}, "expected deviations above 0, got 1.0 and 0.0"),
    ],
)
def test_sizes_that_cannot_be(options, message):
    with pytest.raises(ConfigError, match=message):
        SequenceMeans(**options)
