"""Networks, divergences and densities in float64 NumPy, one step of time after the other, for oracles of whole models.

They import nothing of the library. Weights are a dict of arrays, `layer/kernel`, `layer/recurrent_kernel`, `layer/bias`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import lgamma, log, pi

import numpy as np

Arrays = Mapping[str, np.ndarray]

FLOOR = 1e-5
#: softplus of it is 1.
UNIT = log(np.expm1(1.0))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Returns the logistic function without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def softplus(x: np.ndarray) -> np.ndarray:
    """Returns log(1 + exp(x)) without overflow."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def deviation(raw: np.ndarray, at_zero: float) -> np.ndarray:
    """Returns `softplus(raw + shift) + 1e-5`, the shift such that softplus is `at_zero` at 0."""
    return softplus(raw + log(np.expm1(at_zero))) + FLOOR


def relu(x: np.ndarray) -> np.ndarray:
    """Returns x where it is above 0, else 0."""
    return np.where(x > 0, x, 0.0)


def leaky_relu(x: np.ndarray) -> np.ndarray:
    """Returns x where it is above 0, else 0.2 x."""
    return np.where(x > 0, x, 0.2 * x)


def linear(weights: Arrays, name: str, x: np.ndarray) -> np.ndarray:
    """Returns `x W + b`."""
    return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]


def lstm_step(
    weights: Arrays, name: str, x: np.ndarray, state: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the next `(h, c)` of an LSTM; order of the gates: input, forget, candidate, output."""
    h, c = state
    pre = linear(weights, name, x) + h @ weights[f"{name}/recurrent_kernel"]
    i, f, g, o = np.split(pre, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def simple_rnn_step(weights: Arrays, name: str, x: np.ndarray, state: tuple[np.ndarray]) -> tuple[np.ndarray]:
    """Returns the next `(h,)` of a simple recurrent layer."""
    return (np.tanh(linear(weights, name, x) + state[0] @ weights[f"{name}/recurrent_kernel"]),)


def run(
    step: Callable,
    weights: Arrays,
    name: str,
    x: np.ndarray,
    steps: np.ndarray | None = None,
    backward: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Runs one direction of a layer over one sequence `(T, M)`; a bin that does not count leaves the state alone.

    Returns:
        The state at each bin `(T, H)`, and the last one of the walk `(H,)`.
    """
    units = weights[f"{name}/recurrent_kernel"].shape[0]
    state = tuple(np.zeros(units) for _ in range(2 if step is lstm_step else 1))
    codes = np.zeros((len(x), units))
    for t in reversed(range(len(x))) if backward else range(len(x)):
        if steps is None or steps[t] > 0:
            state = step(weights, name, x[t], state)
        codes[t] = state[0]
    return codes, state[0]


def kl_normal(loc: np.ndarray, scale: np.ndarray, prior_loc: np.ndarray, prior_scale: np.ndarray) -> float:
    """Returns the divergence of N(loc, scale^2) from the other, summed over all dimensions."""
    ratio = (scale / prior_scale) ** 2
    return float(np.sum(0.5 * (ratio + ((loc - prior_loc) / prior_scale) ** 2 - 1.0 - np.log(ratio))))


def log_normal(x: np.ndarray, loc: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Returns the log-density of each entry."""
    return -0.5 * ((x - loc) / scale) ** 2 - np.log(scale) - 0.5 * log(2.0 * pi)


def log_likelihood(kind: str, x: np.ndarray, raw: np.ndarray) -> np.ndarray:
    """Returns the log-probability of each entry; kind is "poisson" or "gaussian" (mean and raw deviation in raw)."""
    if kind == "poisson":
        return x * raw - np.exp(raw) - np.vectorize(lambda k: lgamma(k + 1.0))(x)
    mean, raw_scale = np.split(raw, 2, axis=-1)
    return log_normal(x, mean, softplus(raw_scale + UNIT) + FLOOR)
