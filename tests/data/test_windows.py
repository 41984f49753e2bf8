"""Cutting and merging: merge(cut(x)) is x for every overlap, and the cross-fade is that of AutoLFADS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.data import Windows, cut, merge, merge_posterior
from indl_vae.data.merge_windows import fade_weights
from indl_vae.data.windows import window_starts
from indl_vae.errors import ConfigError, DataError


@st.composite
def cuts(draw):
    window = draw(st.integers(1, 12))
    overlap = draw(st.integers(0, window - 1))
    sizes = draw(st.lists(st.integers(1, 60), min_size=1, max_size=4))
    return window, overlap, sizes, draw(st.integers(0, 99))


@given(cuts())
@settings(max_examples=150, deadline=None)
def test_merged_cuts_are_the_recordings_to_the_last_digit(case):
    window, overlap, sizes, seed = case
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(size, 2)).astype(np.float32) for size in sizes]
    merged = merge(cut(parts, window, overlap))
    assert [part.dtype for part in merged] == [np.float32] * len(parts)
    for part, back in zip(parts, merged, strict=True):
        np.testing.assert_array_equal(back, part)


@pytest.mark.parametrize("window", range(1, 10))
def test_every_overlap_of_every_length(window):
    for overlap in range(window):
        for size in range(1, 3 * window + 2):
            x = np.random.default_rng(size).normal(size=(size, 1))
            np.testing.assert_array_equal(merge(cut(x, window, overlap)), x)


@given(st.integers(2, 12).flatmap(lambda w: st.tuples(st.just(w), st.integers(0, w - 1))), st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_no_bin_is_lost_and_starts_are_where_they_are_said_to_be(sizes, n_bins):
    window, overlap = sizes
    starts = window_starts(n_bins, window, overlap)
    covered = np.zeros(n_bins, int)
    for start in starts:
        covered[start : start + window] += 1
    assert (covered > 0).all() and (np.diff(starts) > 0).all()
    assert starts[0] == 0 and starts[-1] == max(n_bins - window, 0)
    assert (np.diff(starts)[:-1] == window - overlap).all() and (np.diff(starts) <= window - overlap).all()


def naive_cross_fade(pieces: np.ndarray, overlap: int) -> np.ndarray:
    """Two windows at a time, as AutoLFADS does it."""
    merged = pieces[0]
    x = np.linspace(1 / overlap, 1 - 1 / overlap, overlap)
    ramp = (1 - x**2)[:, None]
    for piece in pieces[1:]:
        mixed = ramp * merged[-overlap:] + (1 - ramp) * piece[:overlap]
        merged = np.concatenate([merged[:-overlap], mixed, piece[overlap:]])
    return merged


@pytest.mark.parametrize("overlap", [1, 2, 3, 5])
def test_different_windows_are_faded_as_in_autolfads(overlap):
    window, count = 10, 4
    n_bins = window + (count - 1) * (window - overlap)
    windows = cut(np.zeros((n_bins, 1)), window, overlap)
    values = np.random.default_rng(0).normal(size=(count, window, 3))
    np.testing.assert_allclose(merge(windows, values), naive_cross_fade(values, overlap), rtol=1e-12)


def naive_merge(windows: Windows, values: np.ndarray, n_bins: int) -> np.ndarray:
    """Bin by bin: the weighted mean over the windows that hold the bin."""
    weights = fade_weights(windows.starts, windows.lengths)
    merged = np.full((n_bins, values.shape[2]), np.nan)
    for b in range(n_bins):
        held = [
            (w[b - s], v[b - s]) for w, v, s in zip(weights, values, windows.starts, strict=True) if 0 <= b - s < len(w)
        ]
        total = sum(weight for weight, _ in held)
        merged[b] = sum(weight * value for weight, value in held) / total
    return merged


@pytest.mark.parametrize(("overlap", "n_bins"), [(7, 40), (9, 23), (6, 37)])
def test_more_than_two_windows_at_once(overlap, n_bins):
    windows = cut(np.zeros((n_bins, 1)), 10, overlap)
    values = np.random.default_rng(1).normal(size=(len(windows.starts), 10, 2))
    np.testing.assert_allclose(merge(windows, values), naive_merge(windows, values, n_bins), rtol=1e-10)


def test_constant_windows_give_a_mean_between_them():
    windows = cut(np.zeros((30, 1)), 10, 8)
    values = np.broadcast_to(np.arange(len(windows.starts), dtype=float)[:, None, None], (len(windows.starts), 10, 1))
    merged = merge(windows, values)[:, 0]
    assert merged[0] == 0 and merged[-1] == len(windows.starts) - 1 and (np.diff(merged) >= -1e-12).all()


def test_any_width_any_order_and_missing_windows():
    x = np.random.default_rng(0).normal(size=(40, 2))
    windows = cut(x, 10, 5)
    cube = np.stack([windows.x] * 3, axis=-1)
    np.testing.assert_array_equal(merge(windows, cube), np.stack([x] * 3, axis=-1))
    order = np.array([4, 0, 1])
    merged = merge(windows, windows.x[order], order)
    np.testing.assert_array_equal(merged[:15], x[:15])
    np.testing.assert_array_equal(merged[20:30], x[20:30])
    assert np.isnan(merged[15:20]).all() and np.isnan(merged[30:]).all()


def test_short_recordings_are_padded_and_masked():
    windows = cut([np.ones((3, 2)), np.ones((12, 2))], 5, 2)
    assert windows.recording.tolist() == [0, 1, 1, 1, 1] and windows.starts.tolist() == [0, 0, 3, 6, 7]
    assert windows.lengths.tolist() == [3, 5, 5, 5, 5] and not windows.single
    np.testing.assert_array_equal(windows.mask[0], [1, 1, 1, 0, 0])
    assert windows.mask[1:].all() and (windows.x[0, 3:] == 0).all()


def test_counts_nan_and_infinity_come_back():
    counts = np.random.default_rng(0).integers(0, 5, (23, 2))
    np.testing.assert_array_equal(merge(cut(counts, 7, 5)), counts)
    x = counts.astype(float)
    x[3, 0], x[8, 1], x[9, 1] = np.nan, np.inf, -np.inf
    np.testing.assert_array_equal(merge(cut(x, 7, 5)), x)


def test_something_else_is_cut_alike():
    rng = np.random.default_rng(0)
    x, behavior = [rng.normal(size=(n, 3)) for n in (4, 20)], [rng.normal(size=(n, 1)) for n in (4, 20)]
    windows = cut(x, 6, 4)
    pieces = windows.cut_alike(behavior, np.nan)
    np.testing.assert_array_equal(pieces[1:], cut(behavior, 6, 4).x[1:])
    assert np.isnan(pieces[0, 4:]).all()
    with pytest.raises(DataError, match=r"recording: has \[4, 21\] bins, expected \[4, 20\]"):
        windows.cut_alike([behavior[0], np.zeros((21, 1))])


def test_posteriors_of_splits_become_one_recording():
    x = np.random.default_rng(0).normal(size=(40, 2))
    windows = cut(x, 10, 5)
    rows = {"train": np.array([0, 1, 2, 3, 6]), "valid": np.array([5, 4])}
    posterior = {
        name: {"rates": windows.x[some], "gen_init": np.zeros((len(some), 4)), "inds": some}
        for name, some in rows.items()
    }
    merged = merge_posterior(windows, posterior)
    assert list(merged) == ["rates"]
    np.testing.assert_array_equal(merged["rates"], x)


@pytest.mark.parametrize(
    ("window", "overlap", "message"),
    [
        (0, 0, "window: 0, expected a number of bins, 1 or more"),
        (2.5, 0, "window: 2.5, expected a number of bins"),
        (5, -1, "overlap: -1, expected a number of bins, 0 or more"),
        (5, 5, "overlap: 5, expected 0 to 4, less than the window of 5 bins"),
    ],
)
def test_sizes_out_of_range(window, overlap, message):
    with pytest.raises(ConfigError, match=message):
        cut(np.zeros((20, 1)), window, overlap)


@pytest.mark.parametrize(
    ("recording", "message"),
    [
        ([], "an empty list"),
        (np.zeros(5), r"recording 0: has shape \(5,\) .* one channel: \(bins, 1\)"),
        (np.zeros((0, 3)), r"recording 0: has shape \(0, 3\)"),
        ([np.zeros((5, 2)), np.zeros((5, 3))], "recording 1: has 3 channels, recording 0 has 2"),
    ],
)
def test_recordings_that_are_none(recording, message):
    with pytest.raises(DataError, match=message):
        cut(recording, 4, 2)


def test_values_that_do_not_belong_to_the_windows():
    windows = cut(np.zeros((20, 1)), 4, 2)
    with pytest.raises(DataError, match=r"values: have shape \(3, 4, 1\) .* of 9 windows of 4 bins"):
        merge(windows, np.zeros((3, 4, 1)))
    for numbers in ([0, 0], [0, 9], [-1, 2], [0.5, 1.0]):
        with pytest.raises(DataError, match="expected window numbers 0 to 8, each at most once"):
            merge(windows, np.zeros((2, 4, 1)), np.array(numbers))
    with pytest.raises(ConfigError, match="power: 0, expected an exponent above 0"):
        merge(windows, power=0)
    with pytest.raises(DataError, match="valid has no 'inds'"):
        merge_posterior(windows, {"valid": {"rates": windows.x}})
    with pytest.raises(DataError, match="posterior: no split"):
        merge_posterior(windows, {})
