"""Accuracy of states and switches against brute force over all names, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.regions import (
    adjusted_rand_index,
    matched_states,
    state_accuracy,
    switch_f1,
    switch_time_error,
)
from indl_vae.errors import DataError


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 999), st.integers(1, 4), st.integers(1, 4))
def test_the_best_match_is_the_best_of_all(seed, n_found, n_true):
    rng = np.random.default_rng(seed)
    found, true = rng.integers(0, n_found, (3, 9)), rng.integers(0, n_true, (3, 9))
    width = max(n_found, n_true)
    best = max((np.array(names)[found] == true).mean() for names in itertools.permutations(range(width)))
    assert state_accuracy(found, true) == pytest.approx(best)
    renamed = matched_states(found, true)
    assert len(np.unique(renamed)) == len(np.unique(found)), "no two states get one name"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999))
def test_rand_index_is_that_of_pairs(seed):
    rng = np.random.default_rng(seed)
    found, true = rng.integers(0, 3, (2, 8)), rng.integers(0, 2, (2, 8))
    same = [
        (found.ravel()[i] == found.ravel()[j], true.ravel()[i] == true.ravel()[j])
        for i, j in itertools.combinations(range(16), 2)
    ]
    a, b = (np.array(one, float) for one in zip(*same, strict=True))
    chance, largest = a.sum() * b.sum() / len(a), 0.5 * (a.sum() + b.sum())
    expected = 1.0 if np.isclose(largest, chance) else ((a * b).sum() - chance) / (largest - chance)
    assert adjusted_rand_index(found, true) == pytest.approx(expected)
    assert adjusted_rand_index(1 - true, true) == pytest.approx(1.0)


def test_probabilities_names_and_padding():
    true = np.array([[0, 0, 1, 1, 0], [1, 1, 1, 0, 0]])
    probs = np.eye(3)[np.array([[2, 2, 0, 0, 1], [0, 0, 0, 2, 1]])]
    assert state_accuracy(probs, true) == pytest.approx(0.8)
    assert state_accuracy(probs, true, [4, 4]) == 1.0
    np.testing.assert_array_equal(matched_states(probs, true), [[0, 0, 1, 1, 2], [1, 1, 1, 0, 2]])
    assert state_accuracy(probs.argmax(-1)[..., None], true[..., None]) == pytest.approx(0.8)


def test_switches_by_hand():
    true = np.array([[0, 0, 0, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1, 1, 1]])
    found = np.array([[1, 1, 0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1, 1, 1]])
    # true switches at 3, 7 and 5; found at 2 and 7, and none in the second trial, of 8 bins
    assert switch_time_error(found, true) == 1.0
    scores = switch_f1(found, true)
    assert scores == pytest.approx({0: 2 / 5, 1: 4 / 5, 5: 4 / 5})
    assert switch_time_error(found, true, [4, 4]) == 1.0
    assert switch_f1(true, true, [0]) == {0: 1.0}
    still = np.zeros((2, 5), int)
    assert np.isnan(switch_time_error(still, still)) and switch_f1(still, still, [0]) == {0: 1.0}


def test_one_found_switch_counts_for_one_true_one():
    true, found = np.zeros((2, 12), int), np.zeros((2, 12), int)
    true[0, 4:6], true[1, 5:] = 1, 1
    found[0, 5:] = found[1, 5:] = 1
    assert switch_f1(found, true, [5])[5] == pytest.approx(2 * 2 / (2 + 3))


@pytest.mark.parametrize(
    ("found", "true", "message"),
    [
        (np.zeros((2, 3)), np.zeros((2, 4)), r"states: have shape \(2, 3\), expected that of the true ones, \(2, 4\)"),
        (np.zeros(3), np.zeros(3), r"states: have shape \(3,\)"),
        (np.zeros((2, 3)) - 1, np.zeros((2, 3)), "states: expected numbers from 0 up, got -1"),
        (np.zeros((0, 3)), np.zeros((0, 3)), r"states: have shape \(0, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(found, true, message):
    with pytest.raises(DataError, match=message):
        state_accuracy(found, true)
