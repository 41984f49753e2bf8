"""Segments of trials: how many, where, and what is in them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indl_vae.data import Split
from indl_vae.data.segments import cut_segments, long_enough, random_segments, regular_segments, segment_counts

SIZES = {
    "lengths": st.lists(st.integers(1, 30), min_size=1, max_size=5),
    "length": st.integers(1, 12),
    "shift": st.integers(1, 9),
}


def split_of(lengths):
    n_bins = max(lengths)
    x = np.arange(len(lengths) * n_bins * 2, dtype="f4").reshape(len(lengths), n_bins, 2) + 1
    mask = np.repeat((np.arange(n_bins) < np.array(lengths)[:, None]).astype("f4")[..., None], 2, -1)
    return Split("train", x=x * mask, mask=mask, lengths=np.array(lengths))


@given(**SIZES)
def test_regular_segments_are_all_that_fit(lengths, length, shift):
    split = split_of(lengths)
    segments = regular_segments(split, length, shift)
    for trial, bins in enumerate(lengths):
        starts = segments.start[segments.trial == trial]
        fitting = [start for start in range(0, bins, shift) if start + length <= bins]
        np.testing.assert_array_equal(starts, fitting or [0])
    np.testing.assert_array_equal(segment_counts(split, length, shift), np.bincount(segments.trial))


@given(**SIZES, seed=st.integers(0, 99))
def test_random_segments_are_as_many_and_lie_within_their_trial(lengths, length, shift, seed):
    split = split_of(lengths)
    segments = random_segments(split, length, shift, np.random.default_rng(seed))
    np.testing.assert_array_equal(segments.trial, regular_segments(split, length, shift).trial)
    last = segments.start + length
    assert ((segments.start >= 0) & (last <= np.maximum(np.array(lengths)[segments.trial], length))).all()


@given(**SIZES, seed=st.integers(0, 99))
def test_what_is_cut_is_what_was_there(lengths, length, shift, seed):
    split = split_of(lengths)
    arrays = long_enough({**split.batch(), "sequence": np.arange(len(lengths))}, length)
    segments = random_segments(split, length, shift, np.random.default_rng(seed))
    cut = cut_segments(arrays, segments, length)
    np.testing.assert_array_equal(cut["sequence"], segments.trial)
    for i, (trial, start) in enumerate(zip(*segments, strict=True)):
        n_bins = min(length, split.n_bins - start)
        np.testing.assert_array_equal(cut["x"][i, :n_bins], split.x[trial, start : start + n_bins])
        assert (cut["mask"][i, n_bins:] == 0).all() and (cut["x"][i, n_bins:] == 0).all()
        assert cut["x"].shape[1] == length


def test_random_starts_reach_every_place():
    segments = random_segments(split_of([9] * 300), 4, 2, np.random.default_rng(0))
    assert set(segments.start) == set(range(6))
