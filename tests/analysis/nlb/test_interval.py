from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from indl_vae.analysis.nlb import interval_correlation
from indl_vae.errors import DataError


def case(seed=0, n_trials=12, n_bins=8):
    """Two conditions of five trials, one of one trial, and one trial that is left out; scored bins differ by trial."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2.0, 1.0, (n_trials, n_bins, 3))
    spikes = rng.poisson(1.0, (n_trials, n_bins, 2)).astype(float)
    for trial in range(n_trials):
        spikes[trial, : trial % 4] = np.nan
    behavior = np.zeros((n_trials, 5))
    behavior[:, 1] = np.arange(n_trials) % 2
    behavior[10, :3] = 1.0
    behavior[:, 4] = rng.gamma(5.0, 0.1, n_trials)
    behavior[11] = np.nan
    return rates, spikes, behavior


def naive_speed(trial):
    return np.mean(
        [np.sqrt(sum((b - a) ** 2 for a, b in zip(x, y, strict=True))) for x, y in zip(trial, trial[1:], strict=False)]
    )


def test_is_the_mean_of_scipys_correlations():
    rates, spikes, behavior = case()
    speeds = np.array([naive_speed(rates[b][~np.isnan(spikes[b, :, 0])]) for b in range(12)])
    expected = [stats.pearsonr(speeds[g:10:2], behavior[g:10:2, 4])[0] for g in (0, 1)]
    assert interval_correlation(rates, spikes, behavior) == pytest.approx(np.mean(expected), rel=1e-10)


def test_speed_that_falls_with_the_interval_is_minus_one():
    rates, spikes, behavior = case()
    time = np.arange(8)[:, None]
    for trial in range(12):
        rates[trial] = 5.0 + time * (2.0 - behavior[trial, 4]) if trial != 11 else 1.0
    assert interval_correlation(rates, spikes, behavior) == pytest.approx(-1.0)


def test_without_a_condition_of_two_trials_it_is_not_defined():
    rates, spikes, behavior = case()
    assert np.isnan(interval_correlation(rates[9:], spikes[9:], behavior[9:]))
    assert np.isnan(interval_correlation(np.ones_like(rates), spikes, behavior)), "speed does not vary"


@pytest.mark.parametrize("behavior", [np.zeros((12, 3)), np.zeros((11, 5)), np.zeros((12, 8, 5))])
def test_behaviour_of_another_shape_is_refused(behavior):
    rates, spikes, _ = case()
    with pytest.raises(DataError, match="eval_behavior: has shape .* the condition's three columns"):
        interval_correlation(rates, spikes, behavior)
