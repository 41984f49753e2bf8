"""Judges of decoded sequences: templates and trained classifiers."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.disentanglement import ClassifierJudge, TemplateJudge, swap_test
from indl_vae.errors import ConfigError, DataError
from tests.analysis.disentanglement.toy import labelled, noisy, templates


@pytest.mark.parametrize("likelihood", ["gaussian", "poisson"])
def test_a_template_is_its_own_nearest(likelihood):
    rates = templates()
    judge = TemplateJudge(rates, likelihood=likelihood)
    static, dynamic = (index.ravel() for index in np.indices(rates.shape[:2]))
    np.testing.assert_array_equal(judge.static(rates[static, dynamic]), static)
    np.testing.assert_array_equal(judge.dynamic(rates[static, dynamic]), dynamic)


def test_the_nearest_template_is_that_of_a_plain_loop(rng):
    rates, x = rng.random((3, 2, 5, 4)), rng.random((20, 5, 4))
    static, dynamic = TemplateJudge(rates).static(x), TemplateJudge(rates).dynamic(x)
    for one, s, d in zip(x, static, dynamic, strict=True):
        assert ((one - rates[s, d]) ** 2).sum() == min(
            ((one - rates[i, j]) ** 2).sum() for i in range(3) for j in range(2)
        )


def test_poisson_probabilities_are_those_of_bayes(rng):
    from scipy.stats import poisson

    rates, counts = 0.1 + rng.random((3, 2, 5, 4)), rng.poisson(0.5, (7, 5, 4))
    judge = TemplateJudge(rates, likelihood="poisson")
    likelihood = np.exp(poisson.logpmf(counts[:, None, None], rates).sum(axis=(3, 4)))
    posterior = likelihood / likelihood.sum(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(judge.static_probabilities(counts)[0], posterior.sum(axis=2))
    np.testing.assert_allclose(judge.dynamic_probabilities(counts)[0], posterior.sum(axis=1))
    best = [np.unravel_index(one.argmax(), (3, 2)) for one in likelihood]
    np.testing.assert_array_equal(np.stack([judge.static(counts), judge.dynamic(counts)], axis=1), best)


def test_the_two_distances_differ_where_they_should():
    # 3 spikes: nearer to 1 than to 6.5 by distance, likelier of 6.5 than of 1 by Poisson.
    rates = np.array([1.0, 6.5]).reshape(2, 1, 1, 1)
    spikes = np.full((1, 1, 1), 3.0)
    assert TemplateJudge(rates).static(spikes) == 0
    assert TemplateJudge(rates, likelihood="poisson").static(spikes) == 1


def test_squared_distances_give_no_probabilities():
    judge = TemplateJudge(templates())
    assert judge.static_probabilities(templates()[0]) is None and judge.dynamic_probabilities(templates()[0]) is None


def test_templates_of_several_attributes(rng):
    attributes = np.array([[0, 5], [1, 5], [1, 7]])
    judge = TemplateJudge(templates(), likelihood="poisson", static_labels=attributes, dynamic_labels=list("abcd"))
    static, dynamic = labelled(rng, 9)
    x = templates()[static, dynamic]
    np.testing.assert_array_equal(judge.static(x), attributes[static])
    np.testing.assert_array_equal(judge.dynamic(x), np.array(list("abcd"))[dynamic])
    one = TemplateJudge(templates(), likelihood="poisson").static_probabilities(x)[0]
    first, second = judge.static_probabilities(x)
    np.testing.assert_allclose(first, np.stack([one[:, 0], one[:, 1] + one[:, 2]], axis=1))
    np.testing.assert_allclose(second, np.stack([one[:, 0] + one[:, 1], one[:, 2]], axis=1))


def test_templates_may_be_images(rng):
    images = rng.random((2, 3, 4, 5, 5, 3))
    assert TemplateJudge(images).dynamic(images[1]).tolist() == [0, 1, 2]


@pytest.mark.parametrize("n_components", [None, 11])
def test_a_classifier_learns_from_true_data(rng, n_components):
    judge = ClassifierJudge(n_components)
    static, dynamic = labelled(rng)
    assert judge.fit(noisy(rng, static, dynamic), static, dynamic) is judge
    static, dynamic = labelled(rng)
    x = noisy(rng, static, dynamic)
    assert swap_test(x, static, dynamic, judge) == (1.0, 1.0)
    (probabilities,) = judge.dynamic_probabilities(x)
    assert probabilities.shape == (120, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), judge.dynamic(x))


def test_a_classifier_of_several_attributes(rng):
    static, dynamic = labelled(rng)
    attributes = np.stack([static == 0, static == 2], axis=1)
    x = noisy(rng, static, dynamic)
    judge = ClassifierJudge().fit(x, attributes, dynamic)
    np.testing.assert_array_equal(judge.static(x), attributes)
    assert [p.shape for p in judge.static_probabilities(x)] == [(120, 2), (120, 2)]


def test_errors_of_templates():
    rates = templates()
    with pytest.raises(ConfigError, match="likelihood: expected one of gaussian, poisson, got 'normal'"):
        TemplateJudge(rates, likelihood="normal")
    with pytest.raises(DataError, match="templates: expected positive rates for the Poisson likelihood, got 0"):
        TemplateJudge(rates - 0.1, likelihood="poisson")
    with pytest.raises(DataError, match=r"templates: expected an array of at least 3 axes.* got shape \(3, 4\)"):
        TemplateJudge(rates[..., 0, 0])
    with pytest.raises(DataError, match="static_labels: expected the labels of 3 sequences, got 2"):
        TemplateJudge(rates, static_labels=[0, 1])
    with pytest.raises(DataError, match=r"x: expected sequences of shape \(4, 3\), as the templates, got \(4, 2\)"):
        TemplateJudge(rates).static(rates[0, ..., :2])
    with pytest.raises(DataError, match="x: expected finite numbers"):
        TemplateJudge(rates).static(rates[0] * np.nan)
    with pytest.raises(DataError, match="x: expected rates or counts of at least 0 .* got -1"):
        TemplateJudge(rates, likelihood="poisson").static(-np.ones((1, 4, 3)))


def test_errors_of_classifiers(rng):
    static, dynamic = labelled(rng, 20)
    x = noisy(rng, static, dynamic)
    with pytest.raises(ConfigError, match=r"expected a fitted judge; call fit\(x, static_labels, dynamic_labels\)"):
        ClassifierJudge().static(x)
    with pytest.raises(ConfigError, match=r"n_components: expected a number from 1 to 12 .* got 13"):
        ClassifierJudge(13).fit(x, static, dynamic)
    with pytest.raises(DataError, match="dynamic_labels: expected the labels of 20 sequences, got 19"):
        ClassifierJudge().fit(x, static, dynamic[:19])
    with pytest.raises(DataError, match="x: expected training sequences of at least two classes"):
        ClassifierJudge().fit(x, static, dynamic * 0)
    with pytest.raises(DataError, match=r"x: expected sequences of shape \(4, 3\), as in training, got \(3, 3\)"):
        ClassifierJudge().fit(x, static, dynamic).dynamic(x[:, :3])
