"""Small maps in NumPy whose dynamics are known."""

from __future__ import annotations

from itertools import product

import numpy as np


class PiecewiseLinear:
    """`z' = a z + W phi(z) + h + C s`, phi a ReLU with a slope below 0."""

    def __init__(self, a, weights, h, slope=0.0, input_weights=None):
        self.a, self.weights, self.h = (np.asarray(v, float) for v in (a, weights, h))
        self.slope, self.input_weights = slope, input_weights

    def step(self, z, inputs=None):
        after = self.a * z + np.where(z > 0, z, self.slope * z) @ self.weights.T + self.h
        return after if inputs is None else after + inputs @ self.input_weights.T

    def jacobian(self, z):
        return np.diag(self.a) + self.weights * np.where(z > 0, 1.0, self.slope)[..., None, :]


class Smooth:
    """A map and its Jacobian, both given as functions."""

    def __init__(self, step, jacobian):
        self.step, self.jacobian = step, jacobian


def linear(matrix):
    matrix = np.asarray(matrix, float)
    return Smooth(lambda z, inputs=None: z @ matrix.T, lambda z: np.broadcast_to(matrix, (*z.shape, z.shape[-1])))


def random_map(seed, units, slope=0.0, gain=1.0):
    rng = np.random.default_rng(seed)
    weights = gain * rng.normal(size=(units, units)) / np.sqrt(units)
    np.fill_diagonal(weights, 0.0)
    return PiecewiseLinear(rng.uniform(0.1, 0.9, units), weights, rng.normal(size=units), slope)


def brute_force_fixed_points(latent_map):
    """All fixed points: in each of the 2^M orthants the one equation, and whether its solution lies in the orthant."""
    units, found = len(latent_map.h), []
    for signs in product((False, True), repeat=units):
        slopes = np.where(signs, 1.0, latent_map.slope)
        matrix = np.diag(latent_map.a) + latent_map.weights * slopes
        point = np.linalg.solve(np.eye(units) - matrix, latent_map.h)
        if ((point > 0) == np.array(signs)).all():
            found.append(point)
    return np.array(found).reshape(-1, units)


def _field(z):
    x, y, w = z[..., 0], z[..., 1], z[..., 2]
    return np.stack([10.0 * (y - x), x * (28.0 - w) - y, x * y - 8.0 / 3.0 * w], axis=-1)


def _field_slope(z):
    x, y, w = z[..., 0], z[..., 1], z[..., 2]
    o, i = np.zeros_like(x), np.ones_like(x)
    rows = [[-10.0 * i, 10.0 * i, o], [28.0 - w, -i, -x], [y, x, -8.0 / 3.0 * i]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


class Lorenz63:
    """One step of Runge and Kutta's fourth order of the Lorenz equations, and its exact tangent."""

    def __init__(self, dt=0.01):
        self.dt = dt

    def step(self, z, inputs=None):
        dt, k1 = self.dt, _field(z)
        k2 = _field(z + dt / 2 * k1)
        k3 = _field(z + dt / 2 * k2)
        return z + dt / 6 * (k1 + 2 * k2 + 2 * k3 + _field(z + dt * k3))

    def jacobian(self, z):
        dt, eye = self.dt, np.eye(3)
        k1 = _field(z)
        k2 = _field(z + dt / 2 * k1)
        k3 = _field(z + dt / 2 * k2)
        d1 = _field_slope(z)
        d2 = _field_slope(z + dt / 2 * k1) @ (eye + dt / 2 * d1)
        d3 = _field_slope(z + dt / 2 * k2) @ (eye + dt / 2 * d2)
        d4 = _field_slope(z + dt * k3) @ (eye + dt * d3)
        return eye + dt / 6 * (d1 + 2 * d2 + 2 * d3 + d4)


def orbits(latent_map, starts, n_steps, n_transient=0):
    """Returns `(S, n_steps, M)`, the starts and the transient left out."""
    z, states = np.asarray(starts, float), []
    for _ in range(n_transient):
        z = latent_map.step(z)
    for _ in range(n_steps):
        z = latent_map.step(z)
        states.append(z)
    return np.stack(states, axis=1)


def lorenz_series(n_trials, n_bins, seed=0):
    """Standardised Lorenz-63 at steps of 0.01, `(B, T, 3)`."""
    # Near the origin: an orbit that starts near one of the two other fixed points leaves it too slowly.
    starts = np.random.default_rng(seed).normal(size=(n_trials, 3))
    states = orbits(Lorenz63(), starts, n_bins, 3000)
    rows = states.reshape(-1, 3)
    return (states - rows.mean(0)) / rows.std(0)
