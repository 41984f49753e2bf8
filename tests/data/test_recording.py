"""Data sets of continuous recordings: no bin in two splits, gaps between them, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.data import dataset_from_recording, merge_posterior
from indl_vae.errors import ConfigError, DataError


def counts(n_bins: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(1.0, (n_bins, 3)).astype(np.float32)


def bins_of_splits(made) -> dict[str, set]:
    windows, found = made.windows, {}
    for name, split in made.dataset.splits.items():
        found[name] = {
            (int(windows.recording[i]), int(windows.starts[i]) + b)
            for i in split.inds
            for b in range(windows.lengths[i])
        }
    return found


@given(
    st.integers(2, 12).flatmap(lambda w: st.tuples(st.just(w), st.integers(0, w - 1))),
    st.integers(0, 8),
    st.lists(st.integers(150, 400), min_size=1, max_size=3),
    st.integers(0, 50),
)
@settings(max_examples=40, deadline=None)
def test_no_bin_is_in_two_splits_and_gaps_keep_them_apart(sizes, gap, lengths, seed):
    parts = [counts(n, seed + n) for n in lengths]
    made = dataset_from_recording(parts, *sizes, gap=gap, test_share=0.2, seed=seed)
    found = bins_of_splits(made)
    names = list(found)
    assert names == ["train", "valid", "test"]
    for i, name in enumerate(names):
        for other in names[i + 1 :]:
            near = {(r, b + shift) for r, b in found[name] for shift in range(-gap, gap + 1)}
            assert not near & found[other]
    lost = sum(lengths) - len(set().union(*found.values()))
    assert lost % gap == 0 if gap else lost == 0


def test_windows_hold_the_bins_that_they_name_and_merge_back():
    x, behavior = counts(1000), np.random.default_rng(1).normal(size=(1000, 2)).astype(np.float32)
    made = dataset_from_recording(x, 20, 15, behavior=behavior, ext_input=behavior[:, :1], bin_width_s=0.02)
    assert made.dataset.bin_width_s == 0.02 and made.dataset.train.mask is None
    for split in made.dataset.splits.values():
        for row, number in enumerate(split.inds):
            start = made.windows.starts[number]
            np.testing.assert_array_equal(split.x[row], x[start : start + 20])
            np.testing.assert_array_equal(split.behavior[row], behavior[start : start + 20])
            np.testing.assert_array_equal(split.ext_input[row], behavior[start : start + 20, :1])
    merged = merge_posterior(made.windows, {n: {"rates": s.x, "inds": s.inds} for n, s in made.dataset.splits.items()})
    there = np.isfinite(merged["rates"]).all(axis=1)
    np.testing.assert_array_equal(merged["rates"][there], x[there])
    assert 0.8 < there.mean() < 1  # gaps of half a window are in no split


def test_shares_and_seed():
    made = [dataset_from_recording(counts(4000), 10, 5, gap=0, valid_share=0.25, seed=seed) for seed in (0, 0, 1)]
    starts = [set(one.windows.starts[one.dataset.valid.inds].tolist()) for one in made]
    assert starts[0] == starts[1] != starts[2]
    assert len(bins_of_splits(made[0])["valid"]) == 1000


def test_short_trials_become_masked_windows():
    made = dataset_from_recording([counts(8), counts(30, 1), counts(30, 2)], 10, 5, gap=0, block=30)
    short = next(split for split in made.dataset.splits.values() if 0 in made.windows.recording[split.inds])
    row = int(np.flatnonzero(made.windows.recording[short.inds] == 0)[0])
    assert short.lengths[row] == 8 and short.mask[row, :8].all() and not short.mask[row, 8:].any()


def test_missing_values_are_masked_when_asked_for():
    x = counts(400)
    x[5] = np.nan
    with pytest.raises(DataError, match="memory: (train|valid)_data: NaN at trial"):
        dataset_from_recording(x, 10, 0)
    made = dataset_from_recording(x, 10, 0, missing="mask", gap=0)
    assert sum(int((split.mask == 0).sum()) for split in made.dataset.splits.values()) == 3


def test_settings_out_of_range():
    with pytest.raises(ConfigError, match=r"gap: -1, expected a number of bins from 0 up"):
        dataset_from_recording(counts(100), 10, 5, gap=-1)
    with pytest.raises(ConfigError, match=r"block: 19, expected at least window \+ 2 gap = 20 bins"):
        dataset_from_recording(counts(100), 10, 5, block=19)
    with pytest.raises(DataError, match=r"1 trials \(or blocks\), too few for 1 to validate"):
        dataset_from_recording(counts(30), 10, 5, block=20)
    with pytest.raises(ConfigError, match="overlap: 10, expected 0 to 9"):
        dataset_from_recording(counts(100), 10, 10)
