"""Swap test and resampling from the prior."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.disentanglement import ClassifierJudge, TemplateJudge, prior_resampling_test, swap_test
from indl_vae.errors import DataError
from tests.analysis.disentanglement.toy import labelled, noisy, templates

JUDGE = TemplateJudge(templates(), likelihood="poisson")


def test_exact_swaps_follow_both_donors(rng):
    static, dynamic = labelled(rng)
    assert swap_test(templates()[static, dynamic], static, dynamic, JUDGE) == (1.0, 1.0)


def test_shares_are_counted():
    static, dynamic = np.array([0, 1, 2, 0]), np.array([0, 1, 2, 3])
    decoded = templates()[[0, 1, 0, 1], [0, 1, 2, 0]]
    assert swap_test(decoded, static, dynamic, JUDGE) == (0.5, 0.75)


def test_a_decoder_that_ignores_f_follows_it_by_chance_only(rng):
    static, dynamic = labelled(rng, 600)
    of_z_donor, _ = labelled(rng, 600)
    scores = swap_test(templates()[of_z_donor, dynamic], static, dynamic, JUDGE)
    assert scores.dynamic == 1.0 and scores.static == np.mean(static == of_z_donor)


def test_every_attribute_has_a_share():
    attributes = np.array([[0, 0], [0, 1], [1, 1]])
    judge = TemplateJudge(templates(), static_labels=attributes)
    scores = swap_test(templates()[[0, 0, 2, 2], 0], attributes[[0, 1, 1, 2]], np.zeros(4), judge)
    np.testing.assert_array_equal(scores.static, [0.75, 0.75])
    assert scores.dynamic == 1.0


def test_nothing_changes_where_the_latents_are_apart(rng):
    static, dynamic = labelled(rng)
    other_static, other_dynamic = labelled(rng)
    rates = templates()
    found = prior_resampling_test(
        rates[static, dynamic], rates[other_static, dynamic], rates[static, other_dynamic], JUDGE
    )
    assert found[:2] == (1.0, 1.0)
    assert found[2:4] == pytest.approx((0.0, 0.0), abs=0.02)
    assert found.dynamic_kl_random > 1.0 and found.static_kl_random > 1.0


def test_everything_changes_where_they_are_not(rng):
    static, dynamic = labelled(rng, 600)
    other_static, other_dynamic = labelled(rng, 600)
    rates = templates()
    found = prior_resampling_test(
        rates[static, dynamic], rates[static, other_dynamic], rates[other_static, dynamic], JUDGE
    )
    assert found.dynamic_kept == np.mean(dynamic == other_dynamic)
    assert found.static_kept == np.mean(static == other_static)
    assert found.dynamic_kl > 1.0 and found.static_kl > 1.0


class FixedJudge:
    """Says of a sequence what stands in it: the probabilities of two labels of two attributes."""

    def static(self, x):
        return x.argmax(axis=2)

    dynamic = static

    def static_probabilities(self, x):
        return [x[:, 0], x[:, 1]]

    dynamic_probabilities = static_probabilities


def test_divergences_are_those_of_the_formula():
    p = np.array([[[0.5, 0.5], [0.9, 0.1]], [[0.2, 0.8], [1.0, 0.0]]])
    q = np.array([[[0.25, 0.75], [0.9, 0.1]], [[0.2, 0.8], [0.5, 0.5]]])
    found = prior_resampling_test(p, q, p, FixedJudge())
    half, log2 = 0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75), np.log(2)
    np.testing.assert_allclose(found.dynamic_kl, [half / 2, log2 / 2], rtol=1e-5)
    np.testing.assert_allclose(found.static_kl, [0, 0], atol=1e-12)
    uniform = [[np.mean(0.5 * np.log(0.25 / (one[:, 0] * one[:, 1]))) for one in (q[:, 0], q[:, 1])]]
    np.testing.assert_allclose(found.dynamic_kl_random, uniform[0], rtol=1e-5)
    np.testing.assert_array_equal(found.dynamic_kept, [0.5, 1.0])
    np.testing.assert_array_equal(found.static_kept, [1.0, 1.0])


def test_a_probability_of_zero_does_not_make_a_divergence_infinite():
    p, q = np.array([[[1.0, 0.0], [0.5, 0.5]]]), np.array([[[0.0, 1.0], [0.5, 0.5]]])
    found = prior_resampling_test(p, q, p, FixedJudge())
    assert found.dynamic_kl[0] == pytest.approx(-np.log(1e-7), rel=1e-4)


def test_a_judge_without_probabilities_gives_shares_only(rng):
    rates = templates()[0]
    assert prior_resampling_test(rates, rates, rates, TemplateJudge(templates())) == (1.0, 1.0, None, None, None, None)


def test_a_classifier_judges_as_well(rng):
    static, dynamic = labelled(rng)
    judge = ClassifierJudge().fit(noisy(rng, static, dynamic), static, dynamic)
    other_static, other_dynamic = labelled(rng)
    rates = templates()
    found = prior_resampling_test(
        rates[static, dynamic], rates[other_static, dynamic], rates[static, other_dynamic], judge
    )
    assert found[:2] == (1.0, 1.0)
    assert 0 < found.dynamic_kl < 0.5 < found.dynamic_kl_random


def test_errors():
    rates = templates()[0]
    with pytest.raises(DataError, match="static_of_f_donor: expected the labels of 4 sequences, got 3"):
        swap_test(rates, [0, 0, 0], [0, 1, 2, 3], JUDGE)
    with pytest.raises(
        DataError, match=r"static_of_f_donor: expected labels of shape \(4,\), as the judge .* got \(4, 2\)"
    ):
        swap_test(rates, np.zeros((4, 2)), [0, 1, 2, 3], JUDGE)
    with pytest.raises(
        DataError, match=r"dynamic_of_z_donor: expected labels of shape \(4,\), as the judge .* got \(4, 1\)"
    ):
        swap_test(rates, np.zeros(4), np.zeros((4, 1)), JUDGE)
    with pytest.raises(
        DataError, match=r"resampled_z: expected the shape of the reconstructions \(4, 4, 3\), got \(3, 4, 3\)"
    ):
        prior_resampling_test(rates, rates, rates[:3], JUDGE)
