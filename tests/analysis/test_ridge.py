from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis.ridge import r2_per_column, ridge_path


def make_data(n=50, width=4):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, width)) + 2.0
    return x, x @ rng.normal(size=(width, 2)) + 0.3 * rng.normal(size=(n, 2)) + 5.0


@pytest.mark.parametrize("alpha", [0.0, 0.1, 3.0])
def test_solves_the_penalised_normal_equations(alpha):
    x, y = make_data()
    fit = ridge_path(x, y, (7.0, alpha))[1]
    centred = x - x.mean(axis=0)
    penalty = alpha * centred.var(axis=0).mean() * len(x)
    expected = np.linalg.solve(centred.T @ centred + penalty * np.eye(4), centred.T @ (y - y.mean(axis=0)))
    np.testing.assert_allclose(fit.weights, expected, atol=1e-10)
    np.testing.assert_allclose(fit.predict(x).mean(axis=0), y.mean(axis=0))


def test_does_not_depend_on_the_unit_of_the_features():
    x, y = make_data()
    first, second = (ridge_path(scale * x, y, (0.5,))[0].predict(scale * x) for scale in (1.0, 1e-4))
    np.testing.assert_allclose(first, second)


def test_leaves_out_rows_with_nan():
    x, y = make_data()
    x_bad, y_bad = np.vstack([x, x[:2]]), np.vstack([y, y[:2]])
    x_bad[-1, 0], y_bad[-2, 1] = np.nan, np.nan
    np.testing.assert_allclose(ridge_path(x_bad, y_bad, (0.1,))[0].weights, ridge_path(x, y, (0.1,))[0].weights)


def test_repeated_and_constant_features_do_no_harm():
    x, y = make_data()
    doubled = np.hstack([x, x, np.ones((len(x), 1))])
    np.testing.assert_allclose(
        ridge_path(doubled, y, (0.0,))[0].predict(doubled), ridge_path(x, y, (0.0,))[0].predict(x), atol=1e-8
    )
    np.testing.assert_allclose(ridge_path(np.ones((50, 3)), y, (0.0,))[0].weights, 0.0)


def test_r2_of_each_column():
    y = np.array([[0.0, 1.0, 5.0], [2.0, 3.0, 5.0], [np.nan, 0.0, 5.0]])
    guess = np.array([[0.0, 2.0, 5.0], [2.0, 2.0, 5.0], [1.0, 7.0, 5.0]])
    np.testing.assert_array_equal(r2_per_column(y, guess), [1.0, 0.0, np.nan])
    assert np.isnan(r2_per_column(np.full((2, 1), np.nan), np.zeros((2, 1)))).all()
