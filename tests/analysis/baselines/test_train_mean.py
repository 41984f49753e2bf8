from __future__ import annotations

import numpy as np

from indl_vae.analysis.baselines import TrainMean
from indl_vae.data.split import Split
from tests.analysis.example_data import make_split


def test_predicts_the_mean_of_each_channel():
    train, valid = make_split("train", 30), make_split("valid", 4, n_bins=7)
    rates = TrainMean().fit(train).predict(valid)
    np.testing.assert_allclose(rates, np.broadcast_to(train.x.mean(axis=(0, 1)), valid.x.shape), rtol=1e-6)


def test_masked_entries_do_not_count():
    x = np.array([[[4.0], [0.0], [2.0]]], np.float32)
    split = Split("train", x, mask=np.array([[[1.0], [0.0], [1.0]]], np.float32))
    assert TrainMean().fit(split).means == [3.0]


def test_a_silent_channel_gets_half_a_spike():
    split = Split("train", np.zeros((2, 5, 1), np.float32))
    assert TrainMean().fit(split).means == [0.05]


def test_values_below_zero_are_averaged_as_they_are():
    split = Split("train", np.array([[[-1.5], [-0.5]]], np.float32))
    assert TrainMean().fit(split).means == [-1.0]
