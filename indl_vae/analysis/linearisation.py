"""A map linearised: its Jacobians, and what their eigenvalues say of time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

#: One step of an autonomous system, for many states at once: `(K, G)` to `(K, G)`, float64, in TensorFlow.
StepMap = Callable[[tf.Tensor], tf.Tensor]
#: States whose Jacobians are made in one call.
_ROWS = 128


def jacobian_map(step: StepMap, units: int) -> Callable[[np.ndarray], np.ndarray]:
    """Returns the function from states `(K, units)` to the Jacobians `(K, units, units)` of a map, compiled once."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec((None, units), tf.float64)])
    def run(rows: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            after = step(rows)
        return tape.batch_jacobian(after, rows)

    def of(states: np.ndarray) -> np.ndarray:
        rows = np.asarray(states, np.float64)
        pieces = [run(tf.constant(rows[i : i + _ROWS])).numpy() for i in range(0, len(rows), _ROWS)]
        return np.concatenate(pieces) if pieces else np.zeros((0, units, units))

    return of


def jacobians(step: StepMap, states: np.ndarray) -> np.ndarray:
    """Returns the Jacobian of a map at each of some states: fixed points, or any others.

    A clipped coordinate does not depend on anything, so its row is 0.

    Args:
        step: The map.
        states: `(K, G)`.

    Returns:
        `(K, G, G)` float64; entry (k, i, j) is the derivative of coordinate i after the step by coordinate j before.
    """
    return jacobian_map(step, states.shape[1])(states)


def eigenvalues(matrices: np.ndarray) -> np.ndarray:
    """Returns the eigenvalues of matrices `(K, G, G)`, complex `(K, G)`, the largest modulus first."""
    values = np.linalg.eigvals(matrices).astype(np.complex128)
    return np.take_along_axis(values, np.argsort(-np.abs(values), axis=-1, kind="stable"), axis=-1)


def time_constants(values: np.ndarray) -> np.ndarray:
    """Returns `-1 / ln |eigenvalue|` in bins: how long a mode takes to fall to 1/e.

    Infinite for a modulus of 1, negative for a mode that grows by e in so many bins, 0 for an eigenvalue of 0.
    """
    with np.errstate(divide="ignore"):
        rates = np.log(np.abs(values))
        return np.where(rates == 0, np.inf, -1.0 / rates)


def frequencies(values: np.ndarray) -> np.ndarray:
    """Returns `|angle of the eigenvalue| / 2 pi` in cycles per bin, 0 to 0.5; divide by the bin width for Hz."""
    return np.abs(np.angle(values)) / (2 * np.pi)
