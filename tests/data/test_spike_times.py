"""Spike times into bins: half-open bins, no drift at edges, units of time, and data sets."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.data import bin_spike_times, bins_around, bins_between, dataset_from_spike_times
from indl_vae.errors import ConfigError, DataError


@pytest.fixture
def trains(rng) -> list[np.ndarray]:
    return [np.sort(rng.uniform(0, 21, 400)) for _ in range(4)]


def naive_counts(
    spikes_ms: list[list[int]], starts_ms: list[int], n_bins: list[int], width_ms: int
) -> list[np.ndarray]:
    """Whole milliseconds in whole numbers: nothing is rounded."""
    trials = [np.zeros((n, len(spikes_ms))) for n in n_bins]
    for trial, start in zip(trials, starts_ms, strict=True):
        for unit, times in enumerate(spikes_ms):
            for time in times:
                place = (time - start) // width_ms
                if 0 <= place < len(trial):
                    trial[place, unit] += 1
    return trials


@st.composite
def recordings(draw):
    width = draw(st.sampled_from([1, 3, 7, 10, 20, 100]))
    shift = draw(st.sampled_from([0, 12_345, 86_400_000, 1_700_000_000_000]))
    starts = draw(st.lists(st.integers(0, 3000), min_size=1, max_size=5))
    lengths = draw(st.lists(st.integers(width, 40 * width), min_size=len(starts), max_size=len(starts)))
    first = starts[0] + draw(st.integers(0, width - 1))  # so that some trial holds a spike
    spikes = draw(st.lists(st.lists(st.integers(0, 6000), max_size=40), max_size=3))
    on_edges = [starts[0] + width * k for k in draw(st.lists(st.integers(0, 40), max_size=20))]
    add = lambda values: [value + shift for value in values]  # noqa: E731
    return width, add(starts), lengths, [add([first, *on_edges]), *map(add, spikes)]


@given(recordings())
@settings(max_examples=150, deadline=None)
def test_counts_are_those_of_whole_numbers(case):
    width, starts, lengths, spikes = case
    bins = bins_between(
        [s / 1000 for s in starts], [(s + n) / 1000 for s, n in zip(starts, lengths, strict=True)], width / 1000
    )
    assert bins.n_bins.tolist() == [n // width for n in lengths]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so few spikes say nothing about the unit of time
        found = bin_spike_times([[t / 1000 for t in times] for times in spikes], bins)
    for one, other in zip(found, naive_counts(spikes, starts, bins.n_bins.tolist(), width), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_spike_at_an_edge_is_in_the_later_bin():
    bins = bins_between([0.0], [0.5], 0.1)
    assert 0.3 / 0.1 < 3  # what a plain division would make of it
    found = bin_spike_times([[0.3], [0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5], [0.2999, -1e-3]], bins)[0]
    np.testing.assert_array_equal(found.T, [[0, 0, 0, 1, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]])


def test_neighbouring_trials_share_no_spike_and_lose_none(rng):
    times = np.concatenate([rng.uniform(1, 4, 500), np.arange(1, 4, 0.1)])
    bins = bins_between([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], 0.1)
    assert sum(trial.sum() for trial in bin_spike_times([times], bins)) == 530


def test_order_of_spikes_and_empty_units_do_not_matter(trains, rng):
    bins = bins_around(np.arange(1, 20), (-0.2, 0.8), 0.02)
    plain = bin_spike_times(trains, bins)
    mixed = bin_spike_times([*map(rng.permutation, trains), []], bins)
    for one, other in zip(plain, mixed, strict=True):
        np.testing.assert_array_equal(one, other[:, :4])
        assert one.shape == (50, 4) and not other[:, 4].any()


def test_window_around_events():
    bins = bins_around([5.0, 7.5], (-0.2, 0.85), 0.1)
    np.testing.assert_allclose(bins.starts, [4.8, 7.3])
    assert bins.n_bins.tolist() == [10, 10]  # half a bin at the end is left out


def test_dataset_of_ragged_trials(trains):
    starts = np.arange(20.0)
    stops = starts + np.where(np.arange(20) % 2, 0.5, 0.73)
    data = dataset_from_spike_times(trains, 0.1, starts=starts, stops=stops, test_share=0.1, seed=2)
    assert {name: split.n_trials for name, split in data.splits.items()} == {"train": 14, "valid": 4, "test": 2}
    assert data.bin_width_s == 0.1 and data.spec.n_bins == 7
    for split in data.splits.values():
        for row, trial in enumerate(split.inds):
            n = 5 if trial % 2 else 7
            assert split.lengths[row] == n == split.mask[row, :, 0].sum()
            expected = [np.histogram(times, starts[trial] + 0.1 * np.arange(n + 1))[0] for times in trains]
            np.testing.assert_array_equal(split.x[row, :n], np.transpose(expected))
            assert not split.x[row, n:].any()


def test_dataset_around_events_by_condition(trains):
    labels = ["left", "right"] * 5 + ["left"] * 10
    data = dataset_from_spike_times(trains, 0.1, events=np.arange(1, 21), window=(-0.5, 0.5), condition=labels)
    assert data.train.mask is None and data.train.x.shape == (16, 10, 4)
    assert data.train.condition[data.train.inds == 0] in ([0], []) and set(data.train.condition) == {0, 1}
    assert [int((data.valid.condition == code).sum()) for code in (0, 1)] == [3, 1]
    for split in data.splits.values():
        assert [labels[i] for i in split.inds] == [("left", "right")[code] for code in split.condition]


def test_dataset_with_given_splits(trains):
    words = ["train"] * 15 + ["val"] * 5
    data = dataset_from_spike_times(trains, 0.1, events=np.arange(20), window=(0, 0.5), split=words)
    assert data.valid.inds.tolist() == list(range(15, 20)) and data.test is None


def test_milliseconds_are_noticed(trains):
    in_ms = [1000 * times for times in trains]
    with pytest.raises(DataError, match=r"no spike lies in a trial: spikes lie between .*milliseconds: divide by 1000"):
        bin_spike_times([times + 30_000 for times in in_ms], bins_around(np.arange(1, 20), (0, 0.5), 0.01))
    with pytest.warns(UserWarning, match="spikes lie between .*; check that both are in seconds"):
        bin_spike_times(in_ms, bins_around(np.arange(0, 20), (0, 0.99), 0.01))
    with pytest.warns(UserWarning, match="spikes lie between .*; check that both are in seconds"):
        bin_spike_times(trains, bins_around(1000.0 * np.arange(0, 20), (0, 1000), 10.0))
    with pytest.warns(
        UserWarning, match=r"mean rates up to .* Hz within the trials \(units 0\), faster than neurons fire"
    ):
        bin_spike_times([np.linspace(0, 1, 2000), [0.5]], bins_between([0.0], [1.0], 0.01))


def test_times_in_seconds_raise_no_suspicion(trains):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bin_spike_times(trains, bins_around(np.arange(1, 20), (-0.2, 0.8), 0.02))


@pytest.mark.parametrize(
    ("spikes", "message"),
    [
        ([], "no units; expected a list of times"),
        ([[], []], "no unit has a spike"),
        ([[0.1], [0.2, np.nan]], "unit 1: nan at position 1, expected finite times"),
        ([[np.inf]], "unit 0: inf at position 0"),
        ([["a"]], r"unit 0: has shape \(1,\) and type"),
        ([[[0.1]]], r"unit 0: has shape \(1, 1\)"),
    ],
)
def test_spikes_that_are_none(spikes, message):
    with pytest.raises(DataError, match=message):
        bin_spike_times(spikes, bins_between([0.0], [1.0], 0.1))


def test_trials_that_are_none(trains):
    with pytest.raises(DataError, match="starts: nan at position 1"):
        bins_between([0, np.nan], [1, 2], 0.1)
    with pytest.raises(DataError, match="1 and 2 times, expected one of each"):
        bins_between([0], [1, 2], 0.1)
    with pytest.raises(DataError, match="trial 1 runs from 2 to 2.05 s, less than one bin of 0.1 s"):
        bins_between([0, 2], [1, 2.05], 0.1)
    with pytest.raises(DataError, match="events: no times"):
        bins_around([], (0, 1), 0.1)
    for width in (0, -0.1, np.nan, None, "10 ms", True):
        with pytest.raises(ConfigError, match="bin_width_s: .* expected seconds above 0"):
            bins_between([0], [1], width)
    for window in ((0.5, -0.5), (0, np.inf), (1,), "ab", None):
        with pytest.raises(ConfigError, match=r"window: .* expected \(from, to\) in seconds"):
            bins_around([1.0], window, 0.1)
    with pytest.raises(ConfigError, match=r"window: \(0, 0.05\) s does not hold a bin of 0.1 s"):
        bins_around([1.0], (0, 0.05), 0.1)
    with pytest.raises(DataError, match=r"more memory than this machine has; .* check that all times are in seconds"):
        bin_spike_times(trains, bins_between([0.0], [1e9], 1e-6))


def test_arguments_that_do_not_fit_together(trains):
    with pytest.raises(ConfigError, match=r"trials: got \['starts'\], expected starts and stops, or events and window"):
        dataset_from_spike_times(trains, 0.1, starts=[0, 1])
    with pytest.raises(ConfigError, match=r"trials: got \['starts', 'stops', 'window'\]"):
        dataset_from_spike_times(trains, 0.1, starts=[0, 1], stops=[1, 2], window=(0, 1))
    with pytest.raises(DataError, match="condition: 1 entries for 3 trials"):
        dataset_from_spike_times(trains, 0.1, events=[1, 2, 3], window=(0, 1), condition=[1])
    with pytest.raises(DataError, match="split: 2 entries for 3 trials"):
        dataset_from_spike_times(trains, 0.1, events=[1, 2, 3], window=(0, 1), split=["train", "val"])
