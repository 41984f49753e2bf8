"""Categorical against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from indl_vae.distributions.likelihoods import CategoricalLikelihood
from indl_vae.errors import ConfigError

N, L = 3, 4


def test_log_prob_probabilities_and_mean(rng):
    x, raw = rng.integers(0, L, size=(2, 5, N)), rng.normal(size=(2, 5, N * L)).astype("f4")
    likelihood = CategoricalLikelihood(N, L)
    np.testing.assert_array_equal(likelihood(raw), raw)
    expected = np.zeros((2, 5, N, L))
    for channel in range(N):
        logits = np.stack([raw[..., k * N + channel] for k in range(L)], axis=-1)  # all of class 0, all of class 1, ...
        expected[:, :, channel] = special.softmax(logits, axis=-1)
    np.testing.assert_allclose(likelihood.probabilities(raw), expected, rtol=1e-4)
    np.testing.assert_allclose(likelihood.mean({"raw": raw}), expected @ np.arange(L), rtol=1e-4)
    of_x = np.take_along_axis(np.log(expected), x[..., None], axis=-1)[..., 0]
    np.testing.assert_allclose(likelihood.log_prob(x, raw), of_x, rtol=1e-4)


def test_mean_of_two_classes_is_the_probability_of_the_second(rng):
    raw = rng.normal(size=(2, 5, 2 * N)).astype("f4")
    likelihood = CategoricalLikelihood(N, 2)
    np.testing.assert_allclose(likelihood.mean(raw), special.expit(raw[..., N:] - raw[..., :N]), rtol=1e-5)


def test_widths_follow_the_classes():
    likelihood = CategoricalLikelihood(N, L)
    assert (likelihood.params_per_channel, likelihood.raw_per_channel) == (L, L)
    assert CategoricalLikelihood(N, 2).params_per_channel == 2 and likelihood.weights == []


def test_a_single_class_is_refused():
    with pytest.raises(
        ConfigError, match="CategoricalLikelihood: `n_levels` must be at least 2, got 1; count the levels"
    ):
        CategoricalLikelihood(N, 1)
