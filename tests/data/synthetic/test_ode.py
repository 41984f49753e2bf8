from __future__ import annotations

import inspect

import numpy as np
import pytest

from indl_vae.data.synthetic import bursting_neuron, lorenz, lorenz96, rate_network, rossler
from indl_vae.data.synthetic.ode import rk4_step, trajectories
from tests.data.synthetic.lyapunov import largest_exponent


def oscillator(state):
    """x'' = -x, whose solution from (1, 0) is (cos t, -sin t)."""
    return np.stack([state[..., 1], -state[..., 0]], axis=-1)


def error_at_2(dt):
    state = np.array([1.0, 0.0])
    for _ in range(round(2 / dt)):
        state = rk4_step(oscillator, state, dt)
    return np.abs(state - [np.cos(2.0), -np.sin(2.0)]).max()


def test_error_falls_with_the_fourth_power_of_the_step():
    errors = [error_at_2(dt) for dt in (0.2, 0.1, 0.05, 0.025)]
    assert errors[0] < 1e-4
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 4.0, atol=0.1)


def test_a_step_is_exact_to_fourth_order_for_an_equation_that_knows_the_time():
    # dt/dt = 1, dx/dt = 4 t^3: the classical rule is exact for polynomials up to t^4.
    made = rk4_step(lambda s: np.stack([np.ones_like(s[..., 0]), 4 * s[..., 0] ** 3], -1), np.array([1.0, 1.0]), 0.5)
    np.testing.assert_allclose(made, [1.5, 1.5**4], rtol=1e-12)


def test_trajectories_begin_after_the_burn_in_and_keep_every_nth_step():
    start = np.array([[1.0, 0.0], [0.0, 2.0]])
    fine = trajectories(oscillator, start, 21, 0.05)
    np.testing.assert_array_equal(fine[:, 0], start)
    coarse = trajectories(oscillator, start, 6, 0.1, burn_in=5, steps_per_bin=2)
    np.testing.assert_allclose(coarse, fine[:, 10::2], rtol=1e-13)
    exact = np.stack([np.cos(np.arange(21) * 0.05), -np.sin(np.arange(21) * 0.05)], -1)
    np.testing.assert_allclose(fine[0], exact, atol=1e-6)


def test_slope_of_lorenz_63():
    # sigma 10, rho 28, beta 8/3 at (1, 2, 3).
    np.testing.assert_allclose(lorenz.slope(np.array([1.0, 2.0, 3.0])), [10.0, 23.0, -6.0])
    fixed = np.array([np.sqrt(72), np.sqrt(72), 27.0])
    np.testing.assert_allclose(lorenz.slope(np.stack([fixed, fixed * [-1, -1, 1]])), 0.0, atol=1e-12)


def test_slope_of_lorenz_96():
    x = np.random.default_rng(0).normal(size=(3, 7))
    expected = np.empty_like(x)
    for row in range(3):
        for i in range(7):
            expected[row, i] = (x[row, (i + 1) % 7] - x[row, i - 2]) * x[row, i - 1] - x[row, i] + 8.0
    np.testing.assert_allclose(lorenz96.slope_of(7)(x), expected, rtol=1e-14)


def test_slope_of_rossler():
    np.testing.assert_allclose(rossler.slope(np.array([1.0, 2.0, 3.0])), [-5.0, 1.4, 0.2 + 3.0 * (1.0 - 5.7)])


def test_slope_of_the_bursting_neuron():
    # y - x^3 + 3 x^2 - z + 3.2, 1 - 5 x^2 - y, 0.006 (4 (x + 1.6) - z) at (2, 3, 1).
    np.testing.assert_allclose(bursting_neuron.slope(np.array([2.0, 3.0, 1.0])), [9.2, -22.0, 0.006 * 13.4])


def test_slope_of_the_rate_network():
    rng = np.random.default_rng(1)
    weights, x = rng.normal(size=(4, 4)), rng.normal(size=4)
    expected = [-x[i] + sum(weights[i, j] * np.tanh(x[j]) for j in range(4)) for i in range(4)]
    np.testing.assert_allclose(rate_network.slope_of(weights)(x), expected, rtol=1e-13)


def test_largest_lyapunov_exponent_of_lorenz_63():
    start = np.random.default_rng(2).uniform((-15, -20, 5), (15, 20, 45), (100, 3))
    found = largest_exponent(lorenz.slope, start, 0.01, n_steps=4000, burn_in=1000, skip=200)
    assert found.mean() == pytest.approx(0.906, rel=0.05)


def test_largest_lyapunov_exponent_of_rossler():
    start = np.random.default_rng(3).uniform((-5, -5, 0), (5, 5, 1), (200, 3))
    found = largest_exponent(rossler.slope, start, 0.05, n_steps=6000, burn_in=1000, skip=200)
    assert found.mean() == pytest.approx(0.0714, rel=0.1)  # Sprott (2003), Chaos and Time-Series Analysis


def test_the_network_of_the_default_seed_is_chaotic():
    seed = inspect.signature(rate_network.rate_network).parameters["seed"].default
    slope = rate_network.slope_of(rate_network.draw_weights(seed, 50, 1.5))
    found = largest_exponent(slope, np.random.default_rng(4).normal(size=(8, 50)), 0.2, 4000, burn_in=1000, skip=500)
    assert found.min() > 0.01 and found.mean() == pytest.approx(0.036, rel=0.3)
