"""The numerical steps of the search for fixed points: descend, merge, polish."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from indl_vae.analysis.linearisation import StepMap, jacobian_map

#: Learning rate at the end, as a share of that at the start.
_LAST_RATE = 1e-2
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8
_POLISHING_STEPS = 40
#: A speed that float64 cannot improve on.
_CONVERGED = 1e-28
_LARGEST_DAMPING = 1e6


def speed_of(step: StepMap, states: np.ndarray) -> np.ndarray:
    """Returns `q = |F(h) - h|^2 / 2` of states `(K, G)`, `(K,)`."""
    return 0.5 * ((step(tf.constant(states)).numpy() - states) ** 2).sum(axis=1)


def minimise_speed(step: StepMap, starts: np.ndarray, n_steps: int, learning_rate: float) -> np.ndarray:
    """Returns where Adam takes the starts `(S, G)` as it minimises q of each.

    The whole descent is one compiled loop. Every coordinate has moments of its own, so the states do not disturb one
    another.
    """

    def update(i: tf.Tensor, states: tf.Tensor, first: tf.Tensor, second: tf.Tensor) -> tuple[tf.Tensor, ...]:
        with tf.GradientTape() as tape:
            tape.watch(states)
            speed = 0.5 * tf.reduce_sum((step(states) - states) ** 2)
        gradient = tape.gradient(speed, states)
        t = tf.cast(i, states.dtype)
        first = _BETA_1 * first + (1 - _BETA_1) * gradient
        second = _BETA_2 * second + (1 - _BETA_2) * gradient**2
        rate = learning_rate * _LAST_RATE ** (t / n_steps)
        unbiased = first / (1 - _BETA_1 ** (t + 1)), second / (1 - _BETA_2 ** (t + 1))
        return i + 1, states - rate * unbiased[0] / (tf.sqrt(unbiased[1]) + _EPSILON), first, second

    @tf.function(jit_compile=True, autograph=False)
    def descend(states: tf.Tensor) -> tf.Tensor:
        zeros = tf.zeros_like(states)
        loop = (tf.constant(0), states, zeros, zeros)
        return tf.while_loop(lambda i, *_: i < n_steps, update, loop, maximum_iterations=n_steps)[1]

    return descend(tf.constant(starts)).numpy() if n_steps else starts


def merge(states: np.ndarray, speed: np.ndarray, distance: float) -> np.ndarray:
    """Returns the states that are farther than `distance` from every slower one, the slowest first."""
    kept: list[np.ndarray] = []
    for state in states[np.argsort(speed, kind="stable")]:
        if all(np.linalg.norm(state - other) > distance for other in kept):
            kept.append(state)
    return np.array(kept).reshape(-1, states.shape[1])


def polish(step: StepMap, states: np.ndarray) -> np.ndarray:
    """Returns the states after Levenberg-Marquardt steps on `F(h) - h = 0`; a step that does not help is not taken."""
    states, damping = states.copy(), np.full(len(states), 1e-6)
    speed, jacobians = speed_of(step, states), jacobian_map(step, states.shape[1])
    for _ in range(_POLISHING_STEPS):
        active = np.flatnonzero((speed > _CONVERGED) & (damping < _LARGEST_DAMPING))
        if len(active) == 0:
            break
        moved = states[active] + _marquardt_step(step, jacobians, states[active], damping[active])
        moved_speed = speed_of(step, moved)
        better = moved_speed < speed[active]
        states[active[better]], speed[active[better]] = moved[better], moved_speed[better]
        damping[active] *= np.where(better, 0.1, 10.0)
    return states


def _marquardt_step(
    step: StepMap, jacobians: Callable[[np.ndarray], np.ndarray], states: np.ndarray, damping: np.ndarray
) -> np.ndarray:
    """Solves `(A'A + damping) d = -A'r` with `A = J - 1` and `r = F(h) - h`."""
    eye = np.eye(states.shape[1])
    residual = step(tf.constant(states)).numpy() - states
    slope = jacobians(states) - eye
    transposed = np.swapaxes(slope, 1, 2)
    normal = transposed @ slope + damping[:, None, None] * eye
    return -np.linalg.solve(normal, transposed @ residual[..., None])[..., 0]
