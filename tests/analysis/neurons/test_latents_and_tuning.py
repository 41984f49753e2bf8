"""Latents beside a truth, which are used, and what they and behaviour do to neurons."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.neurons import (
    active_units,
    canonical_correlations,
    kl_per_latent,
    latent_traversal,
    latent_variance,
    observed_tuning,
    tuning,
)
from indl_vae.errors import ConfigError, DataError
from tests.analysis.neurons.linear_model import LinearModel, windows


def test_a_linear_mixture_of_the_truth_is_found(rng):
    truth = rng.normal(size=(2, 300, 3))
    latents = np.concatenate([truth @ rng.normal(size=(3, 3)), rng.normal(size=(2, 300, 2))], -1)
    found = canonical_correlations(latents[1], truth[1], fitted_on=(latents[0], truth[0]))
    np.testing.assert_allclose(found.correlations, 1.0, atol=0.01)
    assert found.latent_weights.shape == (5, 3) and found.truth_weights.shape == (3, 3)


def test_noise_is_told_from_signal_on_other_rows_alone(rng):
    latents, truth = rng.normal(size=(2, 40, 20)), rng.normal(size=(2, 40, 2))
    same = canonical_correlations(latents[0], truth[0])
    other = canonical_correlations(latents[1], truth[1], fitted_on=(latents[0], truth[0]))
    assert same.correlations.min() > 0.5 and np.abs(other.correlations).max() < 0.45
    np.testing.assert_allclose(other.fitted, same.correlations)


def test_it_is_the_textbook_analysis_without_a_penalty(rng):
    x, y = rng.normal(size=(200, 3)), rng.normal(size=(200, 2))
    y[:, 0] += x[:, 0]
    found = canonical_correlations(x, y, penalty=0.0).correlations
    q = [np.linalg.qr(a - a.mean(0))[0] for a in (x, y)]
    np.testing.assert_allclose(found, np.linalg.svd(q[0].T @ q[1])[1], atol=1e-9)
    x = np.concatenate([x, x[:, :1], np.ones((200, 1))], 1)  # a copy and a constant change nothing
    np.testing.assert_allclose(canonical_correlations(x, y, penalty=0.0).correlations, found, atol=1e-6)
    x[0, 0] = np.nan
    assert np.isfinite(canonical_correlations(x, y).correlations).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((5, 2)), np.zeros((4, 2))), r"latents, truth: expected the same leading axes, got shapes \(5, 2\)"),
        ((np.zeros((2, 2)), np.zeros((2, 2))), "latents, truth: expected at least 3 rows of finite numbers, got 2"),
        ((np.zeros((5, 2)), np.zeros((5, 2)), (np.zeros((5, 3)), np.zeros((5, 2)))), "fitted_on: expected 2 latents"),
        ((np.zeros((5, 2)), np.zeros((5, 2)), None, -1.0), "penalty: expected a number from 0 up, got -1"),
    ],
)
def test_signals_that_do_not_go_together_are_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        canonical_correlations(*arguments)


def test_latents_that_vary_are_active(rng):
    loc = rng.normal(size=(4, 50, 3)) * [1.0, 0.05, 0.5]
    np.testing.assert_array_equal(active_units(loc), [True, False, True])
    np.testing.assert_array_equal(active_units(loc, 0.5), [True, False, False])
    loc[0, 0] = np.nan
    np.testing.assert_allclose(latent_variance(loc), loc.reshape(-1, 3)[1:].var(0))


def test_divergences_are_those_of_the_normal_distribution():
    loc, scale = np.array([[0.0, 1.0, 0.0], [0.0, 3.0, 0.0]]), np.array([[1.0, 1.0, 2.0]] * 2)
    np.testing.assert_allclose(kl_per_latent(loc, scale), [0.0, 2.5, 1.5 - np.log(2.0)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: active_units(np.zeros(3)), r"loc: expected an array \(..., latents\) with a row of finite numbers"),
        (lambda: kl_per_latent(np.zeros((2, 3)), np.ones((2, 2))), r"loc, scale: expected one shape, got \(2, 3\)"),
        (lambda: kl_per_latent(np.zeros((2, 3)), np.zeros((2, 3))), "scale: expected deviations above 0, got 0"),
    ],
)
def test_latents_that_are_none_are_refused(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_tuning_is_the_mean_with_one_behaviour_set():
    model = LinearModel(n_behaviors=2)
    split, latents = windows(model)
    found = tuning(model, split, 1, [-1.0, 0.0, 2.0], [3, 5, 8])
    np.testing.assert_allclose(np.diff(found, axis=0), np.outer([1.0, 2.0], model.tuned[[3, 5, 8], 1]), atol=1e-5)
    at_zero = (
        latents.mean((0, 1)) @ model.weights[[3, 5, 8]].T + split.ext_input[..., 0].mean() * model.tuned[[3, 5, 8], 0]
    )
    np.testing.assert_allclose(found[1], at_zero, atol=1e-5)


def test_tuning_is_not_told_by_padding():
    model = LinearModel()
    split, _ = windows(model)
    arrays = split.batch()
    arrays["mask"][:, 20:] = 0.0
    short = {key: value[:, :20] if key != "identity" else value for key, value in arrays.items()}
    expected = tuning(model, short, 0, [1.0], [2])
    np.testing.assert_allclose(tuning(model, arrays, 0, [1.0], [2]), expected, atol=1e-6)


def test_observed_tuning_is_the_mean_of_bins_nearby():
    told = np.array([-1.1, -0.9, 0.1, 0.0, 1.2, 9.0])[None, :, None]
    x = np.arange(12.0).reshape(1, 6, 2)
    found = observed_tuning({"x": x, "ext_input": told, "identity": np.array([[4, 2]])}, 0, [-1, 0, 1], [2, 3, 4])
    np.testing.assert_allclose(found, [[2.0, np.nan, 1.0], [6.0, np.nan, 5.0], [9.0, np.nan, 8.0]])


def test_one_latent_moves_neurons_along_their_weights():
    model = LinearModel()
    split, latents = windows(model)
    found = latent_traversal(model, split, 1, (-1.0, 1.0), [2, 7])
    # the first animal has fewer neurons but the latents are found all the same
    np.testing.assert_allclose(found[1] - found[0], 2 * latents[..., 1].std() * model.weights[[2, 7], 1], rtol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, s: tuning(m, s, 1, [0.0]), "behavior: expected a number from 0 to 0, got 1; the windows have 1"),
        (lambda m, s: observed_tuning(s, -1, [0, 1], [1]), "behavior: expected a number from 0 to 0, got -1"),
        (
            lambda m, s: observed_tuning(s, 0, [1, 0], [1]),
            r"values: expected at least 2 rising numbers, got \[1.0, 0.0\]",
        ),
        (lambda m, s: latent_traversal(m, s, 2), "latent: expected a number from 0 to 1, got 2"),
    ],
)
def test_what_is_not_there_is_refused(call, message):
    model = LinearModel()
    with pytest.raises(ConfigError, match=message):
        call(model, windows(model)[0])
