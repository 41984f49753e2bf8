from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from indl_vae.analysis.baselines import poisson_glm
from indl_vae.analysis.baselines.poisson_glm import Design, PoissonGLM, _Problem, fit_poisson_glm

RNG = np.random.default_rng(0)
FEATURES, OWN = RNG.normal(size=(60, 3)), RNG.normal(size=(60, 3))
SOURCES = np.array([0, 2, 3])
COUNTS = RNG.poisson(np.exp(0.4 * FEATURES @ RNG.normal(size=(3, 4)) - 0.3)).astype(float)
OBSERVED = RNG.random(COUNTS.shape) > 0.1
COUNTS = np.where(OBSERVED, COUNTS, 0.0)


def test_gradient_is_that_of_the_objective():
    problem = _Problem(Design(FEATURES, OWN), COUNTS, OBSERVED, SOURCES, 2.0)
    at = RNG.normal(size=3 * 4 + 3 + 4)
    numeric = approx_fprime(at, lambda vector: problem(vector)[0], 1e-6)
    np.testing.assert_allclose(problem(at)[1], numeric, rtol=1e-3, atol=1e-3)


def test_matches_a_plain_fit_of_one_channel():
    """Channel 1 is nobody's source; channel 2 is that of feature 1, which is swapped for its own."""
    found = fit_poisson_glm(Design(FEATURES, OWN), COUNTS, OBSERVED, SOURCES, 2.0)
    swapped = np.column_stack([FEATURES[:, 0], OWN[:, 1], FEATURES[:, 2]])
    for channel, design in ((1, FEATURES), (2, swapped)):
        keep = OBSERVED[:, channel]

        def loss(vector, design=design[keep], counts=COUNTS[keep, channel]):
            log_rates = design @ vector[:3] + vector[3]
            return np.sum(np.exp(log_rates) - counts * log_rates) + np.sum(vector[:3] ** 2)

        expected = minimize(loss, np.zeros(4)).x
        weights = found.weights[:, channel] + (found.own_weights[1] * np.eye(3)[1] if channel == 2 else 0.0)
        np.testing.assert_allclose([*weights, found.bias[channel]], expected, atol=0.01)


def test_no_output_sees_its_own_shared_feature():
    found = fit_poisson_glm(Design(FEATURES, OWN), COUNTS, OBSERVED, SOURCES, 0.1)
    np.testing.assert_array_equal(found.weights[np.arange(3), SOURCES], 0.0)
    assert np.count_nonzero(found.weights) == 9


def test_blocks_of_rows_give_the_same_fit(monkeypatch):
    whole = fit_poisson_glm(Design(FEATURES, OWN), COUNTS, OBSERVED, SOURCES, 1.0)
    monkeypatch.setattr(poisson_glm, "BLOCK_ENTRIES", 28)
    parts = fit_poisson_glm(Design(FEATURES, OWN), COUNTS, OBSERVED, SOURCES, 1.0)
    np.testing.assert_allclose(parts.weights, whole.weights, atol=1e-6)


def test_a_strong_prior_leaves_the_given_rates():
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    found = fit_poisson_glm(Design(FEATURES), COUNTS, OBSERVED, SOURCES, 1e9, prior_rates=prior)
    np.testing.assert_allclose(found.bias, np.log(prior), atol=1e-4)
    np.testing.assert_allclose(found.weights, 0.0, atol=1e-6)


def test_without_own_features_nothing_is_barred():
    found = fit_poisson_glm(Design(FEATURES), COUNTS, OBSERVED, SOURCES, 0.1)
    assert np.count_nonzero(found.weights) == 12 and not found.own_weights.any()


def test_log_rates_are_bounded():
    glm = PoissonGLM(np.full((1, 1), 1e6), np.zeros(1), np.zeros(1), np.zeros(1, int))
    assert glm.log_rates(Design(np.ones((1, 1)))) == pytest.approx(10.0)
