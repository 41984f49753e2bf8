from __future__ import annotations

import warnings

import numpy as np
import pytest

from indl_vae.data import load_dataset
from indl_vae.data.suspicions import channel_means, constant_channels, duplicate_channels, fast_channels, list_channels
from tests.data.small_files import small_arrays


def test_silent_channels_warn():
    arrays = small_arrays()
    arrays["train_data"][:, :, [1, 3]] = 0
    with pytest.warns(UserWarning, match="memory: train_data: silent channels: 1, 3;"):
        load_dataset(arrays, bin_width_s=0.01)


def test_a_level_that_never_changes_is_not_silent():
    arrays = small_arrays()
    arrays["train_data"][:, :, 1] = 0
    with pytest.warns(UserWarning, match="constant channels: 1;"):
        load_dataset(arrays, likelihood="ordinal", bin_width_s=0.01)


def test_channel_that_never_changes_warns():
    arrays = small_arrays()
    arrays["train_data"][:, :, 2] = 2
    with pytest.warns(UserWarning, match="constant channels: 2"):
        load_dataset(arrays, bin_width_s=0.01)


def test_ordinary_data_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_dataset(small_arrays(), bin_width_s=0.01)


def test_truth_in_another_unit_warns():
    arrays = small_arrays()
    arrays["valid_truth"] = arrays["valid_truth"] / 100
    with pytest.warns(UserWarning, match="train_truth expects .* check conversion_factor and bin_width_s"):
        load_dataset(arrays, bin_width_s=1.0)


def test_channel_scores_by_hand():
    x = np.zeros((2, 3, 4), np.float32)
    x[:, :, 0] = [[1, 0, 2], [0, 0, 3]]
    x[:, :, 2] = x[:, :, 0]
    x[:, :, 3] = 5
    mask = np.ones_like(x)
    mask[1, :, 0] = 0
    np.testing.assert_allclose(channel_means(x), [1.0, 0.0, 1.0, 5.0])
    mask[0, 2, 0] = 0
    mask[1, 0, 0] = 1
    np.testing.assert_allclose(channel_means(x, mask), [1.0 / 3.0, 0.0, 1.0, 5.0])
    mask[:, :, 3] = 0
    assert np.isnan(channel_means(x, mask)[3])
    assert constant_channels(x).tolist() == [1, 3]
    assert duplicate_channels(x) == [(0, 2)]


def test_high_rates():
    means = np.array([0.1, 0.2, 3.0])
    assert fast_channels(means, 0.01).tolist() == [2]
    assert fast_channels(means, None).tolist() == []
    assert fast_channels(np.array([0.1, 0.1, 3.0]), None).tolist() == [2]
    assert fast_channels(np.zeros(3), None).tolist() == []


def test_channel_list_is_cut():
    assert list_channels(np.arange(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
