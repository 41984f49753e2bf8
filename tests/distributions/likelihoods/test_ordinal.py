"""Cumulative links against differences of sigmoids, by NumPy and, far out, in decimal arithmetic."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from scipy import special

from indl_vae.distributions.likelihoods import OrdinalLikelihood
from indl_vae.distributions.likelihoods.ordinal import LEAST_GAP
from indl_vae.errors import ConfigError
from tests.distributions.helpers import value_and_gradients

N, L = 2, 4
FIRST = np.array([-1.0, 0.5])
RAW_GAPS = np.array([[-2.0, 0.3], [1.5, -0.4]])
THRESHOLDS = np.concatenate([FIRST[None], FIRST + np.cumsum(np.log1p(np.exp(RAW_GAPS)) + LEAST_GAP, axis=0)])


def made() -> OrdinalLikelihood:
    likelihood = OrdinalLikelihood(N, L)
    likelihood.first_threshold.assign(FIRST)
    likelihood.raw_gaps.assign(RAW_GAPS)
    return likelihood


def naive(score: np.ndarray) -> np.ndarray:
    """Returns the probabilities `(..., N, L)` of scores `(..., N)`."""
    up_to = special.expit(THRESHOLDS.T - score[..., None])
    edges = np.concatenate([np.zeros_like(up_to[..., :1]), up_to, np.ones_like(up_to[..., :1])], axis=-1)
    return np.diff(edges, axis=-1)


def decimal_log_probs(score: float, thresholds: np.ndarray) -> list[float]:
    with localcontext(prec=900):
        up_to = [1 / (1 + (Decimal(score) - Decimal(float(theta))).exp()) for theta in thresholds]
        edges = [Decimal(0), *up_to, Decimal(1)]
        return [float((after - before).ln()) for before, after in zip(edges, edges[1:], strict=False)]


def test_log_prob_probabilities_mean_and_variance(rng):
    score, x = rng.normal(size=(3, 5, N)) * 2, rng.integers(0, L, size=(3, 5, N))
    likelihood, expected = made(), naive(score)
    raw = likelihood(score.astype("f4"))
    np.testing.assert_allclose(likelihood.probabilities(raw), expected, rtol=1e-4)
    np.testing.assert_allclose(likelihood.mean(raw), expected @ np.arange(L), rtol=1e-4)
    variance = expected @ np.arange(L) ** 2 - (expected @ np.arange(L)) ** 2
    np.testing.assert_allclose(likelihood.distribution(raw).variance(), variance, rtol=1e-3)
    of_x = np.take_along_axis(np.log(expected), x[..., None], axis=-1)[..., 0]
    np.testing.assert_allclose(likelihood.log_prob(x, raw), of_x, rtol=1e-4)


def test_agrees_with_tfp_where_that_is_stable(rng):
    score, x = rng.normal(size=(3, 5, N)), rng.integers(0, L, size=(3, 5, N)).astype("f4")
    theirs = tfp.distributions.OrderedLogistic(cutpoints=THRESHOLDS.T, loc=score, dtype="float64")
    np.testing.assert_allclose(
        made().log_prob(x, made()(score.astype("f4"))), theirs.log_prob(x.astype("f8")), rtol=1e-4
    )


def test_raw_is_the_scores_and_then_the_thresholds_of_all_channels(rng):
    score = rng.normal(size=(2, 5, N)).astype("f4")
    raw = made()(score).numpy()
    np.testing.assert_array_equal(raw[..., :N], score)
    for k in range(L - 1):
        np.testing.assert_allclose(
            raw[..., (k + 1) * N : (k + 2) * N], np.broadcast_to(THRESHOLDS[k], (2, 5, N)), rtol=1e-5
        )
    assert (made().params_per_channel, made().raw_per_channel) == (1, L)


@pytest.mark.parametrize("n_levels", [2, 3, 5, 1000])
def test_levels_start_equally_likely(n_levels):
    likelihood = OrdinalLikelihood(1, n_levels)
    found = likelihood.probabilities(likelihood(np.zeros((1, 1, 1), "f4")))
    assert found.shape == (1, 1, 1, n_levels)
    np.testing.assert_allclose(found, 1.0 / n_levels, rtol=2e-2 if n_levels > 10 else 1e-5)


@pytest.mark.parametrize("score", [-300.0, -50.0, -20.0, 0.3, 20.0, 50.0, 300.0])
@pytest.mark.parametrize("jit", [False, True], ids=["plain", "xla"])
def test_far_scores_keep_value_and_gradient(score, jit):
    likelihood, levels = made(), np.tile(np.arange(L, dtype="f4")[:, None], (1, N))
    pre = np.full((L, N), score, "f4")
    for channel in range(N):
        expected = decimal_log_probs(score, THRESHOLDS[:, channel])
        got = likelihood.log_prob(levels, likelihood(pre)).numpy()[:, channel]
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)
    variable = tf.Variable(pre)
    variables = [variable, *likelihood.trainable_weights]
    value, gradients = value_and_gradients(lambda: likelihood.log_prob(levels, likelihood(variable)), variables, jit)
    assert np.isfinite(value).all() and all(np.isfinite(gradient).all() for gradient in gradients)
    # d log P(k) / d score = sigmoid(theta_(k-1) - score) - sigmoid(score - theta_k)
    edges = np.concatenate([np.full((1, N), -np.inf), THRESHOLDS, np.full((1, N), np.inf)])
    slope = special.expit(edges[:-1] - score) - special.expit(score - edges[1:])
    np.testing.assert_allclose(gradients[0], slope, rtol=1e-4, atol=1e-5)


def test_order_holds_whatever_the_weights():
    likelihood = made()
    likelihood.raw_gaps.assign([[-1e3, -60.0], [-60.0, 40.0]])
    gaps = np.diff(likelihood.thresholds().numpy(), axis=0)
    assert (gaps > 0.9 * LEAST_GAP).all()
    raw = likelihood(np.zeros((1, 1, N), "f4"))
    probabilities = likelihood.probabilities(raw).numpy()
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(-1), 1.0, atol=1e-5)


def test_thresholds_out_of_order_in_raw_stay_finite():
    raw = np.array([[[0.0, 1.0, -1.0, 2.0]]], "f4")
    assert np.isfinite(OrdinalLikelihood(1, L).log_prob(np.ones((1, 1, 1)), raw)).all()


def test_two_levels_have_one_threshold(rng):
    likelihood, score = OrdinalLikelihood(N, 2), rng.normal(size=(2, 5, N)).astype("f4")
    likelihood.first_threshold.assign(FIRST)
    np.testing.assert_allclose(likelihood.mean(likelihood(score)), special.expit(score - FIRST), rtol=1e-5)
    assert [weight.name for weight in likelihood.weights] == ["first_threshold"]


def test_a_single_level_is_refused():
    with pytest.raises(ConfigError, match="OrdinalLikelihood: `n_levels` must be at least 2, got 1; count the levels"):
        OrdinalLikelihood(N, 1)
