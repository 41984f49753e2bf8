"""NWB files written by pynwb: ragged trials, missing columns, units, behaviour at other rates."""

from __future__ import annotations

import sys
import warnings

import h5py
import numpy as np
import pytest

pytest.importorskip("pynwb")

from indl_vae.data import bins_between, inspect_data, load_dataset, load_nwb, write_dataset
from indl_vae.data.nwb_signal import NwbSignal
from indl_vae.errors import ConfigError, DataError
from tests.data.nwb_files import N_TRIALS, series, spike_trains, trial_times, write_nwb


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nwb")


@pytest.fixture(scope="module")
def plain(folder):
    """A file with behaviour: fast (at a rate, scaled), slow (timestamps), one with a NaN, and one name twice."""
    fast = series("hand", np.arange(30_000, dtype=np.int16)[:, None] % 100, "m", rate=1000.0, conversion=0.5)
    times = np.arange(0, 30, 0.25)
    slow = series("pupil", 3 * times - 1, "mm", timestamps=times)
    holed = series("holed", np.where(np.arange(30_000) == 2005, np.nan, 1.0), "V", rate=1000.0, starting_time=1.0)
    twice = series("pupil2", np.zeros(5), "m", rate=1.0), series("pupil2", np.ones(5), "m", rate=1.0)
    return write_nwb(folder / "plain.nwb", series=[slow, twice[0]], fast=[fast, holed, twice[1]])


def counted(starts, n_bins, width=0.05, spikes=None):
    spikes = spikes or spike_trains()
    return [
        np.stack([np.histogram(t, s + width * np.arange(n + 1))[0] for t in spikes], 1)
        for s, n in zip(starts, n_bins, strict=True)
    ]


def test_ragged_trials(plain):
    starts, stops = trial_times()
    data = load_nwb(plain, bin_width_s=0.05, test_share=0.1, seed=1)
    assert {name: split.n_trials for name, split in data.splits.items()} == {"train": 14, "valid": 4, "test": 2}
    assert data.source == str(plain) and data.bin_width_s == 0.05 and len(data.sha256) == 64
    expected = counted(starts, [int((b - a) / 0.05 + 1e-6) for a, b in zip(starts, stops, strict=True)])
    assert {len(trial) for trial in expected} == {6, 8, 10}
    for split in data.splits.values():
        for row, trial in enumerate(split.inds):
            n = len(expected[trial])
            np.testing.assert_array_equal(split.x[row, :n], expected[trial])
            assert split.lengths[row] == n and split.mask[row].sum() == 6 * n


def test_aligned_to_an_event(plain):
    with pytest.warns(UserWarning, match=r"plain.nwb: trials: go_cue: 1 of 20 trials have no time there"):
        data = load_nwb(plain, align_to="go_cue", window=(-0.2, 0.3), bin_width_s=0.05, condition="target")
    assert data.train.mask is None and data.train.x.shape[1:] == (10, 6)
    go = trial_times()[0] + 0.1
    expected = counted(go - 0.2, [10] * N_TRIALS)
    seen = []
    for split in data.splits.values():
        seen += split.inds.tolist()
        for row, trial in enumerate(split.inds):
            np.testing.assert_array_equal(split.x[row], expected[trial])
            assert split.condition[row] == trial % 2
    assert sorted(seen) == [i for i in range(N_TRIALS) if i != 3]


def test_from_an_event_to_the_end_of_the_trial(plain):
    with pytest.warns(UserWarning, match="1 of 20 trials have no time there"):
        data = load_nwb(plain, align_to="go_cue", bin_width_s=0.05)
    assert set(data.train.lengths.tolist()) == {4, 6, 8}


def test_units_by_column_and_rate(plain):
    good = load_nwb(plain, units={"quality": "good"}, bin_width_s=0.05)
    every = load_nwb(plain, units={"quality": ["good", "mua"]}, bin_width_s=0.05)
    np.testing.assert_array_equal(good.train.x, every.train.x[:, :, [0, 1, 3, 4]])
    counts = sum(split.x.sum((0, 1)) for split in every.splits.values())
    rates = counts / sum(split.lengths.sum() * 0.05 for split in every.splits.values())
    limit = float(np.sort(rates)[2])  # the unit at the limit stays
    fast = load_nwb(plain, min_rate_hz=limit, bin_width_s=0.05)
    np.testing.assert_array_equal(fast.train.x, every.train.x[:, :, rates >= limit])
    assert fast.spec.n_channels == 4
    with pytest.raises(DataError, match=r"units: none is left with quality = fine, found \['good', 'mua'\]"):
        load_nwb(plain, units={"quality": "fine"})
    with pytest.raises(DataError, match="units: none fires at min_rate_hz 1000 within the trials"):
        load_nwb(plain, min_rate_hz=1000)


def test_split_column(plain):
    with pytest.warns(UserWarning, match="trials: split: trials with 'none' are left out"):
        data = load_nwb(plain, split="split")
    assert {name: sorted(set((split.inds % 5).tolist())) for name, split in data.splits.items()} == {
        "train": [0, 1],
        "valid": [2],
        "test": [3],
    }


def test_behavior_of_other_rates(plain):
    data = load_nwb(plain, bin_width_s=0.05, behavior=["acquisition/hand", "pupil", "holed"])
    starts = trial_times()[0]
    for split in data.splits.values():
        assert split.behavior.shape[2] == 3
        for row, trial in enumerate(split.inds):
            n, middles = split.lengths[row], starts[trial] + 0.05 * (np.arange(split.lengths[row]) + 0.5)
            hand, pupil, holed = split.behavior[row].T
            samples = np.arange(round(starts[trial] * 1000), round(starts[trial] * 1000) + 50 * n)
            np.testing.assert_allclose(hand[:n], 0.5 * (samples % 100).reshape(n, 50).mean(axis=1), rtol=1e-6)
            np.testing.assert_allclose(pupil[:n], 3 * middles - 1, rtol=1e-5)
            np.testing.assert_array_equal(holed[:n], np.ones(n))
            assert np.isnan(split.behavior[row, n:]).all()


def test_behavior_that_was_not_measured_is_nan(folder):
    short = series("short", np.ones(5000), "m", rate=1000.0)
    path = write_nwb(folder / "short.nwb", fast=[short])
    data = load_nwb(path, behavior="short", bin_width_s=0.05)
    for split in data.splits.values():
        for row, trial in enumerate(split.inds):
            n = split.lengths[row]
            assert np.isfinite(split.behavior[row, :n]).all() if trial < 3 else np.isnan(split.behavior[row]).all()


def test_observation_intervals_become_a_mask(folder):
    whole = np.array([[0.0, 30.0]])
    intervals = [whole] * 4 + [np.array([[2.1, 2.2], [5.0, 30.0]]), np.zeros((0, 2))]
    path = write_nwb(folder / "observed.nwb", obs_intervals=intervals)
    data = load_nwb(path, bin_width_s=0.05)
    for split in data.splits.values():
        for row, trial in enumerate(split.inds):
            inside = np.arange(split.n_bins) < split.lengths[row]
            for unit in (0, 3, 5):
                np.testing.assert_array_equal(split.mask[row, :, unit], inside)
            wanted = inside if trial > 2 else inside & np.isin(np.arange(split.n_bins), [2, 3] if trial == 0 else [])
            np.testing.assert_array_equal(split.mask[row, :, 4], wanted)
            assert not split.x[row][split.mask[row] == 0].any()


def test_load_dataset_and_inspect_take_the_defaults(plain):
    data, same = load_dataset(plain), load_nwb(plain)
    assert data.bin_width_s == 0.01 and data.sha256 == same.sha256
    np.testing.assert_array_equal(data.train.x, same.train.x)
    other = load_dataset(plain, bin_width_s=0.1)
    assert other.bin_width_s == 0.1 and other.spec.n_bins == 5 and other.sha256 != data.sha256
    summary = inspect_data(plain).sessions[0]
    assert summary.problem is None and summary.likelihood == "poisson" and summary.bin_width_s == 0.01
    assert [(s.name, s.n_trials, s.n_channels) for s in summary.splits] == [("train", 16, 6), ("valid", 4, 6)]
    assert inspect_data(plain, 0.1).sessions[0].splits[0].n_bins == 5


def test_written_as_hdf5_it_is_the_same(plain, tmp_path):
    data = load_nwb(plain, bin_width_s=0.05, behavior="pupil", condition="target")
    back = load_dataset(write_dataset(data, tmp_path / "x.h5"))
    assert back.bin_width_s == 0.05
    for name, split in data.splits.items():
        for key in ("x", "mask", "lengths", "condition", "behavior", "inds"):
            np.testing.assert_array_equal(getattr(back.splits[name], key), getattr(split, key))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"align_to": "go"}, "trials: go: no such column, found start_time, stop_time, go_cue, target, split"),
        ({"align_to": "target"}, "trials: target: has type .* expected times in seconds"),
        ({"condition": "colour"}, "trials: colour: no such column"),
        ({"split": "target"}, "no trial is called 'train', found"),
        (
            {"units": {"depth": 3}},
            "units: depth: no such column, found quality, spike_times",
        ),
        ({"units": {"spike_times": 3}}, "units: spike_times: has several values a row"),
        ({"trials": "blocks"}, "blocks: no such table of intervals, found trials"),
        ({"behavior": "nose"}, "nose: no such time series, found: acquisition/hand, .*behavior/pupil"),
        (
            {"behavior": "pupil2"},
            "pupil2: several time series of this name: acquisition/pupil2, behavior/pupil2; name one",
        ),
        ({"bin_width_s": 0.6}, "no trial has a time there and lasts a bin of 0.6 s"),
        ({"align_to": "start_time", "window": (100, 101)}, "units: spike_times: no spike lies in a trial"),
    ],
)
def test_what_is_not_in_the_file(plain, options, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DataError, match=message):
            load_nwb(plain, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bin_width_s": 0}, "bin_width_s: 0, expected seconds above 0"),
        ({"window": (0.5, 0.1)}, r"window: \(0.5, 0.1\), expected \(from, to\)"),
        ({"min_rate_hz": -1}, "min_rate_hz: -1, expected a rate in Hz from 0 up"),
        ({"valid_share": 0}, "valid_share: 0, expected a share"),
    ],
)
def test_options_out_of_range(plain, options, message):
    with pytest.raises(ConfigError, match=message):
        load_nwb(plain, **options)


def test_files_without_units_or_trials(folder):
    with pytest.raises(DataError, match="no_units.nwb: units: no table of units with spike_times"):
        load_nwb(write_nwb(folder / "no_units.nwb", units=False))
    with pytest.raises(DataError, match=r"no_trials.nwb: trials: no such table of intervals, found none; .*windows"):
        load_nwb(write_nwb(folder / "no_trials.nwb", trials=False))


def test_signals_that_cannot_be_placed(folder):
    cube = series("cube", np.zeros((5, 2, 2)), "m", rate=1.0)
    mixed = series("mixed", np.zeros(3), "m", timestamps=[0.0, 2.0, 1.0])
    path = write_nwb(folder / "signals.nwb", fast=[cube, mixed])
    with pytest.raises(DataError, match=r"cube: has shape \(5, 2, 2\), expected samples"):
        load_nwb(path, behavior="cube")
    with pytest.raises(DataError, match="mixed: timestamps are not finite or do not ascend"):
        load_nwb(path, behavior="mixed")


def test_without_pynwb_the_extra_is_named(plain, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(ConfigError, match=r"NWB files need pynwb .*: pip install indl_vae\[nwb\]"):
        load_dataset(plain)


def test_files_that_are_none(tmp_path, plain):
    with pytest.raises(DataError, match=r"none.nwb: no such file"):
        load_nwb(tmp_path / "none.nwb")
    (tmp_path / "text.nwb").write_text("no HDF5")
    with pytest.raises(DataError, match=r"text.nwb: cannot be read"):
        load_nwb(tmp_path / "text.nwb")
    with h5py.File(tmp_path / "other.nwb", "w") as handle:
        handle["train_data"] = np.zeros(3)
    with pytest.raises(DataError, match=r"other.nwb: cannot be read .* expected a complete NWB 2 file"):
        load_nwb(tmp_path / "other.nwb")
    linked = tmp_path / "linked.nwb"
    linked.write_bytes(plain.read_bytes())
    with h5py.File(linked, "a") as handle:
        handle["acquisition/raw"] = h5py.ExternalLink(str(plain), "/acquisition/hand")
    with pytest.raises(DataError, match="acquisition/raw: is a link to another file"):
        load_nwb(linked)


def test_damaged_files_raise_our_errors_only(plain, tmp_path):
    whole, rng = plain.read_bytes(), np.random.default_rng(0)
    path = tmp_path / "damaged.nwb"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(15):
            damaged = bytearray(whole)
            for place in rng.integers(0, min(len(whole), 40_000), 20):
                damaged[place] = rng.integers(256)
            path.write_bytes(damaged)
            try:
                load_nwb(path, bin_width_s=0.05)
            except (ConfigError, DataError):
                continue


class RecordedReads:
    """Samples that remember which of them were asked for."""

    def __init__(self, n: int):
        self.shape, self.asked = (n,), []

    def __getitem__(self, piece: slice) -> np.ndarray:
        self.asked.append((piece.start, piece.stop))
        return np.arange(piece.start, piece.stop)


@pytest.mark.parametrize("with_times", [False, True])
def test_only_samples_around_a_trial_are_read(with_times, tmp_path):
    data, bins = RecordedReads(10**6), bins_between([100.0, 999.9], [101.0, 1000.2], 0.1)
    times = 0.001 * np.arange(10**6) if with_times else None
    signal = NwbSignal("here", tmp_path, data, times, 0.0, 0.001, 2.0, 1.0)
    found = signal.in_bins(bins, 0)[:, 0]
    np.testing.assert_allclose(found, 2 * (100_000 + 100 * np.arange(10) + 49.5) + 1)
    (start, stop), *_ = data.asked
    assert 99_995 <= start <= 100_000 and 101_000 <= stop <= 101_005
    end = signal.in_bins(bins, 1)[:, 0]
    assert np.isfinite(end[0]) and np.isnan(end[1:]).all() and data.asked[1][1] == 10**6
