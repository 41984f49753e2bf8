"""The recurrences as plain float64 loops, and derivatives of any function by finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def gru(projected: Array, bias: Array, state: Array, kernel: Array, clip: float) -> Array:
    """Returns the state after one bin; `kernel` is (H, 3H) in the order update, reset, candidate."""
    projected = projected + bias
    units = state.shape[-1]
    update = sigmoid(projected[:, :units] + state @ kernel[:, :units])
    reset = sigmoid(projected[:, units : 2 * units] + state @ kernel[:, units : 2 * units])
    candidate = np.tanh(projected[:, 2 * units :] + (reset * state) @ kernel[:, 2 * units :])
    return np.clip(update * state + (1.0 - update) * candidate, -clip, clip)


def gru_loop(
    projected: Array, bias: Array, state: Array, kernel: Array, clip: float, mask: Array | None = None
) -> Array:
    """Returns the states (T, B, H); where the mask is 0 a state stays as it was."""
    states = []
    for t in range(len(projected)):
        new = gru(projected[t], bias, state, kernel, clip)
        state = new if mask is None else np.where(mask[t] > 0, new, state)
        states.append(state)
    return np.stack(states)


def complex_loop(
    con_projected: Array, gen_projected: Array | None, initial: Sequence[Array], weights: dict[str, Array],
    draws: dict[str, Array], clip: float, feed_factors: bool, rate: Callable[[Array], Array] | None = None,
) -> list[Array]:  # fmt: skip
    """Returns gen_states, con_states, z_mean, z_logvar, z_sample, factors, each (T, B, .)."""
    gen, con, factors = initial
    steps = []
    for t in range(len(con_projected)):
        drawn = {name: value[t] for name, value in draws.items()}
        from_code = con_projected[t]
        if feed_factors:
            fed = (gen * drawn["feedback"]) @ weights["factors"] if "feedback" in drawn else factors
            if rate is not None:
                fed = rate(fed @ weights["rate_kernel"] + weights["rate_bias"])
            from_code = from_code + (fed * drawn.get("con_factors", 1.0)) @ weights["con_factors"]
        con = gru(from_code, weights["con_bias"], con, weights["con_recurrent"], clip)
        mean, logvar = np.split(con @ weights["co_kernel"] + weights["co_bias"], 2, axis=-1)
        sample = mean + np.exp(logvar / 2.0) * drawn["noise"]
        from_input = (sample * drawn.get("gen_input", 1.0)) @ weights["gen_input"]
        if gen_projected is not None:
            from_input = from_input + gen_projected[t]
        gen = gru(from_input, weights["gen_bias"], gen, weights["gen_recurrent"], clip)
        factors = (gen * drawn.get("factors", 1.0)) @ weights["factors"]
        steps.append((gen, con, mean, logvar, sample, factors))
    return [np.stack(part) for part in zip(*steps, strict=True)]


def slope(function: Callable[..., float], arguments: Sequence[Array], which: int, direction: Array) -> float:
    """Returns the derivative of `function(*arguments)` along a direction of one argument, by central differences."""
    step = 1e-6
    ends = []
    for sign in (1.0, -1.0):
        moved = list(arguments)
        moved[which] = arguments[which] + sign * step * direction
        ends.append(function(*moved))
    return (ends[0] - ends[1]) / (2.0 * step)


def assert_gradients(
    function: Callable[..., float], arguments: Sequence[Array], gradients: Sequence[Array], names: Sequence[str]
) -> None:
    """Compares each argument's gradient with finite differences along three random directions."""
    rng = np.random.default_rng(9)
    for which, (name, gradient) in enumerate(zip(names, gradients, strict=True)):
        for _ in range(3):
            direction = rng.normal(size=arguments[which].shape)
            expected = slope(function, arguments, which, direction)
            np.testing.assert_allclose(np.sum(gradient * direction), expected, rtol=2e-6, atol=1e-7, err_msg=name)
