from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import bits_per_spike, poisson_nll
from indl_vae.analysis.trial_quality import COLUMNS, qualities, trial_quality, write_trials_csv
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from tests.analysis.example_data import make_dataset, make_split


def test_is_scipys_poisson_trial_by_trial():
    split = make_split()
    quality = trial_quality(split.truth, split)
    means = split.x.mean(axis=(0, 1), dtype=np.float64)
    for trial in range(12):
        own = stats.poisson.logpmf(split.x[trial], split.truth[trial].astype(float))
        null = stats.poisson.logpmf(split.x[trial], np.broadcast_to(means, own.shape))
        assert quality.nll[trial] == pytest.approx(-own.mean())
        assert quality.gain[trial] == pytest.approx(own.sum() - null.sum())
        bits = (own.sum() - null.sum()) / split.x[trial].sum() / math.log(2)
        assert quality.bits_per_spike[trial] == pytest.approx(bits)
    np.testing.assert_array_equal(quality.n_spikes, split.x.sum(axis=(1, 2)))


@given(seed=st.integers(0, 1000), bins=st.integers(0, 5), hide=st.booleans())
@settings(max_examples=25, deadline=None)
def test_trials_add_up_to_the_split(seed, bins, hide):
    rng = np.random.default_rng(seed)
    mask = (rng.random((12, 20, 6)) < 0.8).astype(np.float32)
    split, held_out = make_split(seed=seed, mask=mask), HeldOut((1, 4) if hide else (), bins)
    rates = split.truth * rng.gamma(5.0, 0.2, split.truth.shape)
    quality = trial_quality(rates, split, held_out)
    seen = mask * held_out.blocks(20, 6)["seen"]
    total = (quality.bits_per_spike * quality.n_spikes).sum() / quality.n_spikes.sum()
    assert total == pytest.approx(bits_per_spike(rates, split.x, seen), rel=1e-9, abs=1e-12)
    number = seen.sum(axis=(1, 2))
    assert (quality.nll * number).sum() / number.sum() == pytest.approx(poisson_nll(rates, split.x, seen))


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_order_of_trials_and_of_channels_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    split, trials, channels = make_split(seed=seed), rng.permutation(12), rng.permutation(6)
    moved = Split("valid", split.x[trials][:, :, channels], inds=split.inds[trials])
    quality = trial_quality(split.truth, split)
    other = trial_quality(split.truth[trials][:, :, channels], moved)
    np.testing.assert_allclose(other.gain, quality.gain[trials], rtol=1e-9)
    np.testing.assert_array_equal(other.inds, quality.inds[trials])


def test_mean_rates_gain_nothing_and_are_not_worse():
    split = make_split()
    means = np.broadcast_to(split.x.mean(axis=(0, 1), dtype=np.float64), split.x.shape)
    quality = trial_quality(means, split)
    np.testing.assert_array_equal(quality.gain, 0.0)
    assert quality.share_worse == 0.0


def test_spoilt_trials_are_the_worst():
    split = make_split(n_trials=40, inds=np.arange(100, 140))
    rates = split.truth.copy()
    rates[7], rates[31] = 30.0, 10.0
    quality = trial_quality(rates, split)
    assert quality.inds[quality.worst(2)].tolist() == [107, 131]
    assert quality.share_worse >= 2 / 40 and len(quality.worst(99)) == 40
    everything = trial_quality(np.full(rates.shape, 50.0), split)
    assert everything.share_worse == 1.0


def test_a_silent_trial_has_a_gain_but_no_bits():
    x = make_split().x.copy()
    x[2] = 0.0
    quality = trial_quality(np.full(x.shape, 1e-3), Split("valid", x))
    assert math.isnan(quality.bits_per_spike[2]) and quality.gain[2] > 0 and 2 not in quality.worst(12)


def test_a_trial_without_an_observation_is_not_scored():
    mask = np.ones((12, 20, 6), np.float32)
    mask[5] = 0.0
    quality = trial_quality(np.full(mask.shape, 40.0), make_split(mask=mask))
    assert math.isnan(quality.nll[5]) and quality.gain[5] == 0.0
    assert quality.share_worse == 1.0
    nothing = trial_quality(np.ones((12, 20, 6)), make_split(mask=np.zeros((12, 20, 6))))
    assert math.isnan(nothing.share_worse)


def test_a_rate_of_zero_counts_as_a_billionth():
    split = make_split()
    zero, floor = (trial_quality(np.where(split.truth < 0.4, v, split.truth.astype(float)), split) for v in (0.0, 1e-9))
    np.testing.assert_array_equal(zero.gain, floor.gain)


@pytest.mark.parametrize(
    ("rates", "fields", "message"),
    [
        (np.ones((2, 3, 4)), {}, r"rates of valid: expected the shape of the data, \(12, 20, 6\), got \(2, 3, 4\)"),
        (np.full((12, 20, 6), -1.0), {}, "rates of valid: expected finite rates of at least 0"),
        (np.full((12, 20, 6), np.nan), {}, "rates of valid: expected finite rates"),
        (np.ones((12, 20, 6)), {"x": np.full((12, 20, 6), 0.5)}, "valid: holds values that are no counts"),
    ],
)
def test_what_is_refused(rates, fields, message):
    split = make_split()
    with pytest.raises(DataError, match=message):
        trial_quality(rates, Split("valid", fields.get("x", split.x)))


def test_the_file_has_a_row_for_each_trial(tmp_path):
    dataset = make_dataset()
    rates = {name: split.truth for name, split in dataset.splits.items()}
    rates["train"] = np.where(np.arange(40)[:, None, None] == 3, 0.0, rates["train"])
    found = qualities(rates, dataset, HeldOut((1,)))
    path = write_trials_csv(tmp_path / "new" / "trials.csv", found)
    rows = list(csv.DictReader(path.open()))
    assert tuple(rows[0]) == COLUMNS and [row["split"] for row in rows] == ["train"] * 40 + ["valid"] * 60
    for row, value in zip(rows[40:], found["valid"].bits_per_spike, strict=True):
        assert float(row["bits_per_spike"]) == pytest.approx(value, rel=1e-7)
    assert float(rows[3]["gain_nats"]) < 0 and int(rows[3]["n_spikes"]) == found["train"].n_spikes[3]
    assert list(path.parent.iterdir()) == [path], "no half file is left"


def test_what_is_not_defined_is_empty(tmp_path):
    silent = Split("valid", np.zeros((1, 3, 2), np.float32))
    path = write_trials_csv(tmp_path / "t.csv", {"valid": trial_quality(np.ones((1, 3, 2)), silent)})
    assert path.read_text().splitlines()[1] == "valid,0,0,1,,-6"
