from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.analysis.nlb import psth_r2
from indl_vae.analysis.nlb.r2 import mean_r2
from indl_vae.errors import DataError

IDX = [np.array([0, 3]), np.array([], np.int64), np.array([1, 2, 4])]


def case(seed=0):
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, 1.0, (3, 7, 4)), rng.gamma(2.0, 1.0, (5, 7, 4))


def naive(psth, rates, cond_idx, jitter):
    """A loop over conditions, bins and trials, then R2 channel by channel."""
    true, guess = [], []
    for k, trials in enumerate(cond_idx):
        for t in range(psth.shape[1]):
            if len(trials) and not np.isnan(psth[k, t, 0]):
                true.append(psth[k, t])
                guess.append(np.mean([rates[b, t - jitter[b]] for b in trials], axis=0))
    true, guess = np.array(true), np.array(guess)
    return np.mean(
        [1 - ((true - guess)[:, n] ** 2).sum() / ((true[:, n] - true[:, n].mean()) ** 2).sum() for n in range(4)]
    )


@pytest.mark.parametrize("jitter", [np.zeros(5, int), np.array([1, 0, -2, 2, 0])])
def test_is_the_naive_loop(jitter):
    psth, rates = case()
    psth[:, :2] = np.nan
    psth[:, 5:] = np.nan
    assert psth_r2(psth, rates, IDX, jitter) == pytest.approx(naive(psth, rates, IDX, jitter), rel=1e-12)


def test_without_jitter_is_jitter_of_zero():
    psth, rates = case()
    assert psth_r2(psth, rates, IDX) == psth_r2(psth, rates, IDX, np.zeros(5, int))


def test_rates_that_are_the_psths_score_one():
    psth, rates = case()
    rates[[0, 3]], rates[[1, 2, 4]] = psth[0], psth[2]
    assert psth_r2(psth, rates, IDX) == pytest.approx(1.0, abs=1e-12)


def test_single_trial_layout_of_2021():
    psth, rates = case()
    flat = psth[[0, 2, 2, 0, 2]].reshape(35, 4)
    flat[3] = np.nan
    keep = np.arange(35) != 3
    assert psth_r2(flat, rates) == pytest.approx(mean_r2(flat[keep], rates.reshape(35, 4)[keep]))


@given(seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_order_of_trials_and_of_conditions_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    psth, rates = case(seed)
    order, conditions = rng.permutation(5), rng.permutation(3)
    back = np.argsort(order)
    moved = psth_r2(psth[conditions], rates[order], [back[IDX[k]] for k in conditions])
    assert moved == pytest.approx(psth_r2(psth, rates, IDX), rel=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"psth": np.ones((3, 6, 4))}, r"psth: has shape \(3, 6, 4\), expected \(conditions, bins, channels\)"),
        ({"psth": np.ones((34, 4))}, r"psth: has shape \(34, 4\), expected \(trials \* bins, channels\), \(35, 4\)"),
        ({"cond_idx": None}, "eval_cond_idx: missing, expected the trials of each of the 3"),
        ({"cond_idx": IDX[:2]}, "eval_cond_idx: 2 conditions"),
        ({"cond_idx": [[5], [], []]}, "condition 0 names trial 5 of 5"),
        ({"cond_idx": [[-1], [], []]}, "condition 0 names trial -1 of 5"),
        ({"cond_idx": [[], [], []]}, "no condition has an evaluated trial"),
        ({"jitter": np.zeros(4, int)}, r"eval_jitter: has shape \(4,\), expected \(5,\)"),
        ({"jitter": np.full(5, 1)}, "condition 0 has scored bins for which a trial has no rates any more"),
        ({"jitter": np.full(5, -9)}, "condition 0 has scored bins"),
    ],
)
def test_what_is_refused(change, message):
    psth, rates = case()
    with pytest.raises(DataError, match=message):
        psth_r2(**({"psth": psth, "rates": rates, "cond_idx": IDX} | change))


def test_a_column_that_does_not_vary_is_one_or_zero():
    truth = np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0]])
    guess = np.array([[1.0, 2.5, 0.0], [1.0, 2.0, 1.0]])
    assert mean_r2(truth, guess) == pytest.approx((1 + 0 + 1) / 3)
    assert np.isnan(mean_r2(truth[:1], guess[:1]))
