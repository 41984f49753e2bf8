from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import Dataset
from indl_vae.errors import DataError


def trials(lengths, seed=0, n_channels=3):
    rng = np.random.default_rng(seed)
    return [rng.poisson(2.0, (length, n_channels)) for length in lengths]


def test_arrays():
    x = np.random.default_rng(0).poisson(2.0, (4, 5, 3))
    dataset = Dataset.from_arrays(x, x[:2], bin_width_s=0.02)
    np.testing.assert_array_equal(dataset.train.x, x)
    assert dataset.train.lengths is None and dataset.train.mask is None
    assert dataset.bin_width_s == 0.02 and dataset.source == "memory" and len(dataset.sha256) == 64


def test_train_alone():
    dataset = Dataset.from_arrays(np.arange(12).reshape(1, 4, 3))
    assert list(dataset.splits) == ["train"] and dataset.spec.n_bins == 4


def test_ragged_trials_are_padded_to_the_longest_of_all_splits():
    train, valid = trials([3, 6, 2]), trials([8, 1], seed=1)
    dataset = Dataset.from_arrays(train, valid)
    assert dataset.train.x.shape == (3, 8, 3) and dataset.valid.x.shape == (2, 8, 3)
    assert dataset.train.lengths.tolist() == [3, 6, 2]
    for i, trial in enumerate(train):
        np.testing.assert_array_equal(dataset.train.x[i, : len(trial)], trial)
        assert dataset.train.mask[i].sum() == trial.size
    assert dataset.train.mask[0, 3:].sum() == 0


def test_equal_trials_need_no_mask():
    dataset = Dataset.from_arrays(trials([4, 4]), trials([4]))
    assert dataset.train.mask is None and dataset.train.lengths is None


def test_fields_of_ragged_trials():
    x = trials([3, 5])
    train = {
        "x": x,
        "truth": [np.full(trial.shape, 2.0) for trial in x],
        "behavior": [np.zeros(len(trial)) for trial in x],
        "condition": [1, 2],
    }
    split = Dataset.from_arrays(train).train
    assert split.truth.shape == (2, 5, 3) and split.truth[0, :3].min() == 2.0 and split.truth[0, 3:].max() == 0.0
    assert split.behavior.shape == (2, 5, 1)
    # Padding was not measured: NaN, which decoding leaves out.
    np.testing.assert_array_equal(np.isnan(split.behavior[:, :, 0]), np.arange(5) >= split.lengths[:, None])
    assert split.condition.tolist() == [1, 2]


@pytest.mark.filterwarnings("ignore:.*(constant|silent) channels")
def test_same_arrays_same_checksum():
    first, second = (Dataset.from_arrays(np.ones((2, 3, 4), dtype)) for dtype in (np.float32, np.float32))
    other = Dataset.from_arrays(np.zeros((2, 3, 4), np.float32))
    assert first.sha256 == second.sha256 != other.sha256


@pytest.mark.filterwarnings("ignore:.*constant channels")
@pytest.mark.parametrize(("train", "message"), [
    ({"spikes": np.ones((1, 2, 3))}, "memory: train: unknown entry 'spikes', expected some of x"),
    ({"truth": np.ones((1, 2, 3))}, "memory: train: no 'x' among"),
    ({"x": trials([3, 5]), "truth": trials([3, 4])}, "train_truth: its trials have other lengths"),
    ([np.ones((2, 3)), np.ones((2, 4))], "train_data: trial 1 has 4 channels"),
    (np.array([["a"]]), "train_data: has type"),
])  # fmt: skip
def test_arrays_that_do_not_fit(train, message):
    with pytest.raises(DataError, match=message):
        Dataset.from_arrays(train)
