from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indl_vae.analysis.metrics import bits_per_spike, co_bps, fp_bps, poisson_nll, r2, r2_log_rates, r2_per_channel
from indl_vae.data import load_dataset
from indl_vae.errors import DataError


def sample(seed=0, shape=(4, 6, 5)):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2.0, 0.5, shape)
    return rates, rng.poisson(rates).astype(float)


def reference_bps(rates, counts):
    """Bits per spike by scipy's Poisson, a loop over neurons."""
    null = np.stack([np.full(counts.shape[:-1], max(counts[..., n].mean(), 1e-9)) for n in range(counts.shape[-1])], -1)
    gain = stats.poisson.logpmf(counts, rates).sum() - stats.poisson.logpmf(counts, null).sum()
    return gain / counts.sum() / np.log(2)


def test_nll_is_scipys():
    rates, counts = sample()
    assert poisson_nll(rates, counts) == pytest.approx(-stats.poisson.logpmf(counts, rates).mean(), rel=1e-12)


def test_stirling_by_hand():
    # k = 0 and 1: no term; k = 3: 3 log 3 - 3 + log(6 pi) / 2.
    rates, counts = np.array([[2.0, 2.0, 2.0]]), np.array([[0.0, 1.0, 3.0]])
    expected = (6.0 - 4.0 * np.log(2.0) + 3 * np.log(3) - 3 + 0.5 * np.log(6 * np.pi)) / 3
    assert poisson_nll(rates, counts, normaliser="stirling") == pytest.approx(expected, rel=1e-12)


def test_bits_per_spike_is_the_reference():
    rates, counts = sample()
    assert bits_per_spike(rates, counts) == pytest.approx(reference_bps(rates, counts), rel=1e-10)


def test_means_of_the_scored_counts_score_zero():
    _, counts = sample()
    assert bits_per_spike(np.broadcast_to(counts.mean(axis=(0, 1)), counts.shape), counts) == pytest.approx(
        0, abs=1e-12
    )


def test_zero_rates_and_silent_neurons_count_as_a_billionth():
    counts = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    rates = np.array([[[0.0, 0.5], [0.5, 0.5]]])
    floored = np.where(rates == 0, 1e-9, rates)
    assert bits_per_spike(rates, counts) == pytest.approx(reference_bps(floored, counts), rel=1e-9)
    assert poisson_nll(rates, counts) == pytest.approx(-stats.poisson.logpmf(counts, floored).mean(), rel=1e-12)


@given(seed=st.integers(0, 2**16), by_bin=st.booleans())
@settings(max_examples=30, deadline=None)
def test_masked_entries_never_matter(seed, by_bin):
    rates, counts = sample(seed)
    rng = np.random.default_rng(seed)
    mask = rng.random(rates.shape[:2] if by_bin else rates.shape) < 0.7
    mask[0, 0] = True
    mask[1, 1] = True
    full = np.broadcast_to(mask[..., None] if by_bin else mask, rates.shape)
    spoiled_rates, spoiled_counts = np.where(full, rates, np.nan), np.where(full, counts, 1e9)
    for score in (poisson_nll, bits_per_spike, r2, r2_log_rates):
        expected = score(np.where(full, rates, 1.0), np.where(full, counts, np.nan))
        np.testing.assert_allclose(score(spoiled_rates, spoiled_counts, mask.astype(np.float32)), expected)
    np.testing.assert_allclose(
        r2_per_channel(spoiled_rates, spoiled_counts, mask), r2_per_channel(rates, np.where(full, counts, np.nan))
    )


@given(seed=st.integers(0, 2**16))
@settings(max_examples=20, deadline=None)
def test_order_of_trials_and_padding_never_matter(seed):
    rates, counts = sample(seed)
    order = np.random.default_rng(seed).permutation(4)
    pad = ((0, 0), (0, 3), (0, 0))
    mask = np.pad(np.ones(rates.shape), pad)
    for score in (poisson_nll, bits_per_spike, r2):
        expected = score(rates, counts)
        assert score(rates[order], counts[order]) == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert score(np.pad(rates, pad), np.pad(counts, pad), mask) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(seed=st.integers(0, 2**16))
@settings(max_examples=20, deadline=None)
def test_true_means_are_the_best_constant(seed):
    _, counts = sample(seed)
    means = counts.mean(axis=(0, 1))
    worse = np.broadcast_to(means * 1.1 + 0.01, counts.shape)
    assert poisson_nll(worse, counts) > poisson_nll(np.broadcast_to(means, counts.shape), counts)


def test_co_smoothing_and_forward_prediction_take_their_parts():
    rates, counts = sample()
    held = np.array([1, 4])
    assert co_bps(rates, counts, held) == pytest.approx(reference_bps(rates[..., held], counts[..., held]), rel=1e-10)
    block = (slice(None), slice(4), held)
    assert co_bps(rates, counts, held, heldout_bins=2) == pytest.approx(
        reference_bps(rates[block], counts[block]), rel=1e-10
    )
    assert fp_bps(rates, counts, 2) == pytest.approx(reference_bps(rates[:, 4:], counts[:, 4:]), rel=1e-10)
    mask = np.ones(rates.shape)
    mask[0] = 0
    assert fp_bps(rates, counts, 2, mask) == pytest.approx(reference_bps(rates[1:, 4:], counts[1:, 4:]), rel=1e-10)


def test_r2_by_hand():
    truth, rates = np.array([[1.0, 2.0], [3.0, 6.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert r2(rates, truth) == pytest.approx(1 - 4 / 14)
    np.testing.assert_allclose(r2_per_channel(rates, truth), [1.0, 1 - 4 / 8])
    assert r2_log_rates(rates, truth) == pytest.approx(r2(np.log(rates), np.log(truth)))
    assert r2_log_rates(np.array([0.0, 1.0]), np.array([1e-9, 1.0])) == pytest.approx(1.0)


def test_float32_is_summed_as_float64():
    truth = np.full((1000, 10), 1e4, np.float32)
    truth[::2] += 1
    assert r2(truth, truth) == 1.0
    assert r2(np.full_like(truth, 1e4 + 0.5), truth) == pytest.approx(0.0, abs=1e-9)


def test_undefined_scores_are_nan():
    zeros = np.zeros((2, 3, 4))
    assert math.isnan(bits_per_spike(zeros + 0.1, zeros))
    assert math.isnan(r2(zeros, zeros))
    assert np.isnan(r2_per_channel(zeros, zeros)).all()
    assert math.isnan(poisson_nll(zeros, zeros, mask=zeros))
    assert math.isnan(co_bps(zeros, zeros, np.zeros(0, int))) and math.isnan(fp_bps(zeros, zeros, 0))


ONES = np.ones((2, 3, 4))


@pytest.mark.parametrize(("score", "message"), [
    (lambda: poisson_nll(ONES, ONES[:1]), r"rates: has shape \(2, 3, 4\), expected that of the counts, \(1, 3, 4\)"),
    (lambda: r2(ONES, ONES[0]), "expected that of the truth"),
    (lambda: poisson_nll(-ONES, ONES), "rates: negative value -1; expected counts per bin, not their logarithms"),
    (lambda: bits_per_spike(ONES * np.nan, ONES), "rates: 24 entries are NaN or infinite"),
    (lambda: r2(ONES * np.inf, ONES), "rates: 24 entries are NaN or infinite"),
    (lambda: r2(ONES, ONES, np.ones((2, 4))), r"mask: has shape \(2, 4\), expected \(2, 3, 4\) or \(2, 3\)"),
    (lambda: poisson_nll(ONES, ONES, normaliser="gamma"), "normaliser: 'gamma', expected 'exact' or 'stirling'"),
    (lambda: fp_bps(ONES, ONES, 4), r"heldout_bins: 4 for counts of shape \(2, 3, 4\)"),
    (lambda: co_bps(ONES[0], ONES[0], [0]), "heldout_bins: 0 for counts of shape"),
])  # fmt: skip
def test_scores_that_cannot_be_taken(score, message):
    with pytest.raises(DataError, match=message):
        score()


def test_anchors_of_the_lorenz_file(data_folder):
    dataset = load_dataset(data_folder / "lfads_lorenz" / "lfads_lorenz.h5", bin_width_s=0.01)
    valid = dataset.valid
    means = np.broadcast_to(dataset.train.x.mean(axis=(0, 1), dtype=float), valid.x.shape)
    assert poisson_nll(means, valid.x, normaliser="stirling") == pytest.approx(0.08964, abs=5e-6)
    assert poisson_nll(valid.truth, valid.x, normaliser="stirling") == pytest.approx(0.07752, abs=5e-6)
    assert r2(valid.truth, valid.truth) == 1.0
