"""Reduced-rank regression beside its definition, and as the baseline of channels held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indl_vae.analysis.reduced_rank import reduced_rank_regression
from indl_vae.analysis.regions import regression_baseline
from indl_vae.data import Dataset
from indl_vae.errors import ConfigError


def test_full_rank_without_penalty_is_least_squares(rng):
    x, y = rng.normal(size=(200, 5)), rng.normal(size=(200, 3))
    (fit,) = reduced_rank_regression(x, y, (3,))
    expected = np.linalg.lstsq(np.column_stack([x, np.ones(200)]), y, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([fit.weights, fit.bias]), expected, atol=1e-10)


def test_no_map_of_that_rank_fits_better(rng):
    """Eckart and Young: the best of a rank is the projection; others, from alternating least squares, are not better."""
    x = rng.normal(size=(300, 6))
    y = x @ rng.normal(size=(6, 2)) @ rng.normal(size=(2, 5)) + x @ rng.normal(size=(6, 5)) * 0.3
    x, y = x - x.mean(0), y - y.mean(0)
    (fit,) = reduced_rank_regression(x, y, (2,))
    assert np.linalg.matrix_rank(fit.weights, 1e-8) == 2
    error = ((y - fit.predict(x)) ** 2).sum()
    for _ in range(5):
        left = rng.normal(size=(6, 2))
        for _ in range(200):
            right = np.linalg.lstsq(x @ left, y, rcond=None)[0]
            left = np.linalg.lstsq(x, y @ np.linalg.pinv(right), rcond=None)[0]
        other = ((y - x @ left @ right) ** 2).sum()
        assert error <= other * (1 + 1e-9)
    assert error == pytest.approx(other, rel=1e-3)


def test_ranks_below_one_are_refused(rng):
    with pytest.raises(ConfigError, match="ranks: expected numbers from 1, got 0"):
        reduced_rank_regression(rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), (0, 1))


@pytest.fixture
def data(rng):
    latent = np.cumsum(rng.normal(size=(90, 12, 2)), 1)
    x = latent @ rng.normal(size=(2, 8)) + 0.3 * rng.normal(size=(90, 12, 8))
    x[..., 7] = np.roll(x[..., 0], 1, axis=1)  # told by the bin before alone
    x[:, 0, 7] = 0.0
    return Dataset.from_arrays(x[:50], x[50:70], x[70:], likelihood="gaussian")


def test_the_baseline_is_chosen_on_validation_trials(data):
    found = regression_baseline(data.train, data.valid, (3, 7))
    assert found.lags == 1 and found.valid_r2 > 0.9
    made = found.co_smoothing(data.test)
    assert made.prediction.shape == (20, 12, 2) and made.r2[1] > 0.95
    without = regression_baseline(data.train, data.valid, (3, 7), lags=(0,))
    assert without.valid_r2 < found.valid_r2


def test_it_never_sees_the_channels_that_it_predicts_nor_what_is_missing(data, rng):
    found = regression_baseline(data.train, data.valid, (3, 7))
    other = data.test.x.copy()
    other[..., (3, 7)] = 99.0
    changed = replace(data.test, x=other)
    np.testing.assert_array_equal(found.co_smoothing(changed).prediction, found.co_smoothing(data.test).prediction)
    mask = (rng.random(data.test.x.shape) > 0.2).astype(np.float32)
    junk = np.where(mask > 0, data.test.x, 1e6).astype(np.float32)
    seen = [found.co_smoothing(replace(data.test, x=x, mask=mask)) for x in (data.test.x * mask, junk)]
    np.testing.assert_array_equal(seen[0].prediction, seen[1].prediction)
    assert seen[0].pooled_r2 == seen[1].pooled_r2


@pytest.mark.parametrize("channels", [(), range(8)])
def test_some_channels_must_be_left(data, channels):
    with pytest.raises(ConfigError, match="channels: expected some of 8, but not all, got"):
        regression_baseline(data.train, data.valid, channels)
