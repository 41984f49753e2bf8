"""Splits by share and seed, of each condition, and by words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.data import split_trials
from indl_vae.data.split_trials import splits_of_words
from indl_vae.errors import ConfigError, DataError


@given(st.integers(10, 200), st.sampled_from([0.1, 0.2, 0.5]), st.sampled_from([0.0, 0.1, 0.3]), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_every_trial_is_in_one_split_and_shares_are_kept(n, valid_share, test_share, seed):
    rows = split_trials(n, valid_share, test_share, seed)
    assert list(rows) == (["train", "valid", "test"] if test_share else ["train", "valid"])
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(n))
    assert len(rows["valid"]) == max(1, round(n * valid_share)) and all(
        (np.diff(some) > 0).all() for some in rows.values()
    )


@given(st.lists(st.integers(0, 4), min_size=20, max_size=150), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_each_condition_gives_its_share(labels, seed):
    labels = np.array(labels)
    rows = split_trials(len(labels), 0.25, 0.2, seed, labels)
    for label in np.unique(labels):
        size = (labels == label).sum()
        held = sum((labels[rows[name]] == label).sum() for name in ("valid", "test"))
        # The whole numbers of each split are rounded first; then each condition's share is right up to one trial.
        share = (len(rows["valid"]) + len(rows["test"])) / len(labels)
        assert abs(held - size * share) <= 1 + 1e-9


def test_seed_decides():
    first, again, other = (split_trials(50, seed=seed)["valid"].tolist() for seed in (3, 3, 4))
    assert first == again != other


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"valid_share": 0}, "valid_share: 0, expected a share above 0"),
        ({"valid_share": 1.0}, "valid_share: 1.0, expected a share above 0 and below 1"),
        ({"test_share": 0.8}, "test_share: 0.8, expected a share from 0 up that leaves trials to train on"),
        ({"seed": -1}, "seed: -1, expected a whole number from 0 up"),
    ],
)
def test_settings_out_of_range(arguments, message):
    with pytest.raises(ConfigError, match=message):
        split_trials(10, **arguments)


def test_too_few_trials_and_wrong_conditions():
    with pytest.raises(DataError, match="2 trials .* too few for 1 to validate and 1 to test on and one to train on"):
        split_trials(2, test_share=0.1)
    with pytest.raises(DataError, match=r"condition: has shape \(3,\), expected one label a trial, \(10,\)"):
        split_trials(10, condition=np.zeros(3))


def test_words():
    rows = splits_of_words(["Train", "val", "validation", " test", "training"], "here")
    assert {name: some.tolist() for name, some in rows.items()} == {"train": [0, 4], "valid": [1, 2], "test": [3]}
    with pytest.warns(UserWarning, match="here: trials with 'none' are left out"):
        assert "test" not in splits_of_words(["train", "none", "valid"], "here")
    with pytest.raises(DataError, match="here: no trial is called 'valid', found .*'train'"):
        splits_of_words(["train", "test"], "here")
