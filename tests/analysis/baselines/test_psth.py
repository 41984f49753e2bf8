from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.baselines import ConditionPSTH
from indl_vae.analysis.metrics import r2
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from tests.analysis.example_data import make_split


def test_approaches_the_true_rates_of_each_condition():
    train, valid = make_split("train", 400, seed=1), make_split("valid", 4)
    assert r2(ConditionPSTH().fit(train).predict(valid), valid.truth) > 0.97


def test_does_not_look_at_the_counts_it_predicts():
    train, valid = make_split("train", 40, seed=1), make_split("valid", 4)
    psth = ConditionPSTH().fit(train)
    silent = Split("valid", np.zeros_like(valid.x), condition=valid.condition)
    np.testing.assert_array_equal(psth.predict(valid), psth.predict(silent))


def test_the_average_is_drawn_to_the_channel_mean_by_one_trial():
    x = np.array([[[2.0], [0.0]], [[4.0], [0.0]]], np.float32)
    psth = ConditionPSTH().fit(Split("train", x, condition=np.array([0, 0])))
    psth.sigma_bins = 0.0
    np.testing.assert_allclose(psth._smoothed(*psth._sums(x, np.array([0, 0])), 0.0)[0, :, 0], [7.5 / 3, 1.5 / 3])


def test_a_condition_unknown_to_training_gets_the_average_of_all():
    train = make_split("train", 40, seed=1)
    psth = ConditionPSTH().fit(train)
    other = Split("valid", np.zeros((2, 20, 6), np.float32), condition=np.array([7, -1]))
    np.testing.assert_array_equal(psth.predict(other), psth.rates[[-1, -1]])


def test_a_noisy_average_is_smoothed_and_a_sharp_one_is_not():
    flat = Split(
        "train",
        np.random.default_rng(0).poisson(0.2, (30, 40, 5)).astype(np.float32),
        condition=np.zeros(30, np.int64),
    )
    sharp = Split("train", np.tile([[9.0], [0.0]], (30, 20, 5)).astype(np.float32), condition=np.zeros(30, np.int64))
    assert ConditionPSTH().fit(flat).sigma_bins == 8.0
    assert ConditionPSTH().fit(sharp).sigma_bins == 0.0


def test_works_on_values_that_are_not_counts():
    x = np.random.default_rng(0).normal(size=(10, 6, 2)).astype(np.float32)
    split = Split("train", x, condition=np.arange(10) % 2)
    assert np.isfinite(ConditionPSTH().fit(split).predict(split)).all()


def test_applies_only_with_labels_and_one_length():
    labelled, bare = make_split(), make_split(condition=None)
    psth = ConditionPSTH()
    assert psth.applies(labelled, labelled)
    assert not psth.applies(bare, labelled) and not psth.applies(labelled, bare)
    assert not psth.applies(labelled, make_split(n_bins=9))
    with pytest.raises(DataError, match=r"expected train.condition, one label per trial, got None"):
        psth.fit(bare)
    with pytest.raises(DataError, match=r"expected valid.condition"):
        psth.fit(labelled).predict(bare)
