from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.data import length_mask, pad_trials, unpad_trials
from indl_vae.errors import DataError


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    n_channels=st.integers(1, 4),
    extra=st.integers(0, 3),
    fill=st.sampled_from([0.0, -1.0, np.nan]),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=40, deadline=None)
def test_padding_is_undone_and_masked(lengths, n_channels, extra, fill, seed):
    rng = np.random.default_rng(seed)
    trials = [rng.normal(size=(length, n_channels)) for length in lengths]
    n_bins = max(lengths) + extra
    padded, found = pad_trials(trials, n_bins, fill=fill)
    assert padded.shape == (len(lengths), n_bins, n_channels)
    assert found.tolist() == lengths
    for trial, back in zip(trials, unpad_trials(padded, found), strict=True):
        np.testing.assert_array_equal(back, trial)
    mask = length_mask(found, n_bins)
    assert mask.sum() == sum(lengths)
    np.testing.assert_array_equal(padded[~mask], np.full(((~mask).sum(), n_channels), fill))


def test_integers_stay_integers():
    padded, _ = pad_trials([np.ones((2, 1), np.int32), np.ones((3, 1), np.uint8)])
    assert padded.dtype.kind == "i" and padded.shape == (2, 3, 1)


@pytest.mark.parametrize(("trials", "options", "message"), [
    ([], {}, "trials: no trials"),
    ([np.zeros(3)], {}, r"trial 0 has shape \(3,\) .*expected numbers \(bins, channels\)"),
    ([np.zeros((2, 2)), np.zeros((2, 3))], {}, "trial 1 has 3 channels, trial 0 has 2"),
    ([np.zeros((2, 2)), np.zeros((0, 2))], {}, "trial 1 has no bins"),
    ([np.zeros((2, 2)), np.zeros((5, 2))], {"n_bins": 4}, "trial 1 has 5 bins, more than n_bins 4"),
    ([np.array([["a"]])], {"place": "here"}, "here: trial 0 .*type"),
])  # fmt: skip
def test_trials_that_do_not_fit(trials, options, message):
    with pytest.raises(DataError, match=message):
        pad_trials(trials, **options)
