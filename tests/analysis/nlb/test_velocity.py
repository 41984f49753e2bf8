from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.nlb import velocity_r2
from indl_vae.analysis.nlb.velocity import ALPHAS, fit_decoder
from indl_vae.errors import DataError


def naive_ridge(x, y, alpha):
    """Weights and bias of least squares with a penalty on the sum of squared weights, by the normal equations."""
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x0, y0 = x - x_mean, y - y_mean
    weights = np.linalg.solve(x0.T @ x0 + alpha * np.eye(x.shape[1]), x0.T @ y0)
    return weights, y_mean - x_mean @ weights


def naive_r2(truth, guess):
    scores = []
    for c in range(truth.shape[1]):
        scores.append(1 - np.sum((truth[:, c] - guess[:, c]) ** 2) / np.sum((truth[:, c] - truth[:, c].mean()) ** 2))
    return np.mean(scores)


def naive_folds(n):
    """Successive test folds; the first n modulo 5 hold one row more."""
    start = 0
    for fold in range(5):
        stop = start + n // 5 + (fold < n % 5)
        yield np.arange(start, stop), np.r_[0:start, stop:n]
        start = stop


def naive_score(x, y, x_eval, y_eval):
    means = []
    for alpha in np.logspace(-4, 0, 9):
        scores = []
        for test, train in naive_folds(len(x)):
            weights, bias = naive_ridge(x[train], y[train], alpha)
            scores.append(naive_r2(y[test], x[test] @ weights + bias))
        means.append(np.mean(scores))
    alpha = np.logspace(-4, 0, 9)[int(np.argmax(means))]
    weights, bias = naive_ridge(x, y, alpha)
    return alpha, naive_r2(y_eval, x_eval @ weights + bias)


def case(seed=0, trials=(7, 4), bins=9, noise=0.3, scale=0.02):
    """Rates around `scale`, so that penalties of this size matter, and noisy linear behaviour."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(5, 2)) / scale
    out = []
    for n in trials:
        rates = rng.gamma(2.0, scale, (n, bins, 5))
        out += [rates, rates @ weights + 3.0 + noise * rng.normal(size=(n, bins, 2))]
    return out


def flat(array):
    return array.reshape(-1, array.shape[-1])


@pytest.mark.parametrize("noise", [0.1, 3.0])
def test_is_the_naive_cross_validated_ridge(noise):
    arrays = case(noise=noise)
    alpha, expected = naive_score(*map(flat, arrays))
    fitted = fit_decoder(flat(arrays[0]), flat(arrays[1]))
    weights, bias = naive_ridge(flat(arrays[0]), flat(arrays[1]), alpha)
    np.testing.assert_allclose(fitted.weights, weights, rtol=1e-6)
    np.testing.assert_allclose(fitted.bias, bias, rtol=1e-6)
    assert velocity_r2(*arrays) == pytest.approx(expected, rel=1e-8)


def test_penalties_are_those_of_the_benchmark():
    np.testing.assert_allclose(ALPHAS, np.logspace(-4, 0, 9))


def test_noise_without_behaviour_in_it_scores_about_zero_or_less():
    arrays = case()
    arrays[1], arrays[3] = (np.random.default_rng(1).normal(size=a.shape) for a in (arrays[1], arrays[3]))
    assert velocity_r2(*arrays) < 0.2


def test_linear_behaviour_without_noise_scores_one():
    assert velocity_r2(*case(noise=0.0, scale=3.0)) == pytest.approx(1.0, abs=1e-6)


def test_bins_without_behaviour_are_left_out():
    arrays = case()
    kept = [a.copy() for a in arrays]
    for i in (0, 2):
        arrays[i][:, 6:] = 1e3
        arrays[i + 1][:, 6:, 0] = np.nan
        kept[i], kept[i + 1] = kept[i][:, :6], kept[i + 1][:, :6]
    assert velocity_r2(*arrays) == pytest.approx(velocity_r2(*kept), rel=1e-12)


def test_each_group_has_its_decoder():
    arrays = case(trials=(8, 6))
    masks = [np.stack([np.arange(n) % 2 == 0, np.arange(n) % 2 == 1], axis=1) for n in (8, 6)]
    expected = np.mean([velocity_r2(*(a[g::2] for a in arrays)) for g in (0, 1)])
    assert velocity_r2(*arrays, *masks) == pytest.approx(expected, rel=1e-12)


@given(seed=st.integers(0, 1000), shift=st.floats(-5, 5), factor=st.sampled_from([0.25, 2.0, 8.0]))
@settings(max_examples=20, deadline=None)
def test_unit_and_offset_of_behaviour_and_offset_of_rates_do_not_matter(seed, shift, factor):
    train, y, test, y_test = case(seed)
    moved = velocity_r2(train + shift, factor * y + shift, test + shift, factor * y_test + shift)
    assert moved == pytest.approx(velocity_r2(train, y, test, y_test), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda a: a.__setitem__(1, a[1][:, :4]),
            r"train_behavior: has shape \(7, 4, 2\), expected the trials and bins",
        ),
        (lambda a: a.__setitem__(3, a[3][0]), "eval_behavior: has shape"),
        (lambda a: a.__setitem__(3, a[3][:, :, :1]), "expected equal groups and behaviour dimensions"),
        (lambda a: a[1].fill(np.nan), "train, group 0: 0 bins with behaviour, expected at least 5"),
        (lambda a: a[3].fill(np.nan), "eval, group 0: 0 bins with behaviour, expected at least 2"),
    ],
)
def test_what_is_refused(change, message):
    arrays = case()
    change(arrays)
    with pytest.raises(DataError, match=message):
        velocity_r2(*arrays)


def test_a_mask_of_other_trials_is_refused():
    with pytest.raises(DataError, match=r"train_decode_mask: has shape \(3, 2\), expected \(7, groups\)"):
        velocity_r2(*case(), np.ones((3, 2)), np.ones((4, 2)))
