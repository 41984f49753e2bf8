from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.decoding import decode_ridge
from indl_vae.errors import ConfigError, DataError

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(5, 2))
TRAIN, TEST = RNG.normal(size=(12, 10, 5)), RNG.normal(size=(4, 10, 5))


def test_a_linear_relation_is_decoded():
    found = decode_ridge(TRAIN, TRAIN @ WEIGHTS + 1.0, TEST, TEST @ WEIGHTS + 1.0)
    assert found.r2 > 0.999
    assert found.alpha == pytest.approx(1e-5)
    assert found.r2_per_dim.shape == (2,) and found.prediction.shape == (4, 10, 2)


def test_noise_asks_for_a_penalty_and_scores_about_zero():
    noise = np.random.default_rng(1)
    x, y = noise.normal(size=(20, 30)), noise.normal(size=(20, 1))
    found = decode_ridge(x, y, noise.normal(size=(50, 30)), noise.normal(size=(50, 1)))
    assert found.alpha == 10.0
    assert -0.5 < found.r2 < 0.3


def test_the_choice_does_not_look_at_the_test_trials():
    y = TRAIN @ WEIGHTS + RNG.normal(size=(12, 10, 2))
    choices = {decode_ridge(TRAIN, y, TEST, scale * TEST @ WEIGHTS).alpha for scale in (1.0, -50.0)}
    assert len(choices) == 1


def test_missing_behaviour_is_left_out():
    y = TRAIN @ WEIGHTS
    y_test = TEST @ WEIGHTS
    y[0, :5], y_test[0, 0] = np.nan, np.nan
    assert decode_ridge(TRAIN, y, TEST, y_test).r2 > 0.999


def test_one_training_trial_takes_the_middle_penalty():
    found = decode_ridge(TRAIN[:1], TRAIN[:1] @ WEIGHTS, TEST, TEST @ WEIGHTS, alphas=(1e-6, 1e-4, 1.0))
    assert found.alpha == 1e-4


def test_wrong_arguments_are_named():
    y = TRAIN @ WEIGHTS
    with pytest.raises(DataError, match=r"features_test and y_test: expected .* equal leading axes"):
        decode_ridge(TRAIN, y, TEST, y)
    with pytest.raises(DataError, match="expected equal widths in train and test, got features 5 and 4"):
        decode_ridge(TRAIN, y, TEST[..., :4], TEST @ WEIGHTS)
    with pytest.raises(ConfigError, match=r"got alphas=\(\), folds=5"):
        decode_ridge(TRAIN, y, TEST, TEST @ WEIGHTS, alphas=())
