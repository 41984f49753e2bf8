"""The trained generator of LFADS as an autonomous system, and its fixed points."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from indl_vae.analysis.fixed_points import FixedPoints, find_fixed_points
from indl_vae.analysis.linearisation import StepMap
from indl_vae.errors import ConfigError, DataError
from indl_vae.inference.gru_step import gru_step, split_kernel


def generator_map(model: Any, inputs: Any = None) -> StepMap:
    """Returns one step of the generator under a constant input, `(K, G)` to `(K, G)`, float64.

    Args:
        model: A model with LFADS's generator (lfads, autolfads).
        inputs: `(Z + U,)`: inferred input, then measured external input; zeros by default.

    Raises:
        ConfigError: If the model has no such generator, or `inputs` has another length.
    """
    generator = _cell(model).generator
    kernel, recurrent, bias = (
        tf.constant(np.asarray(weight, np.float64))
        for weight in (generator.input_kernel(), generator.recurrent_kernel, generator.bias)
    )
    given = _constant_input(inputs, int(kernel.shape[0]))
    projected = tf.constant((given @ kernel.numpy())[None])
    kernels, clip = split_kernel(recurrent), generator.clip

    def step(states: tf.Tensor) -> tf.Tensor:
        return gru_step(projected, bias, states, *kernels, clip).state

    return step


def visited_starts(gen_states: np.ndarray, n_starts: int, noise: float, seed: int) -> np.ndarray:
    """Draws states that the generator visited, and adds noise.

    Args:
        gen_states: `(B, T, G)` or `(V, G)`.
        n_starts: Number wanted; all of them where there are fewer.
        noise: Standard deviation of what is added, as a share of each unit's own.
        seed: Of the choice and of the noise.

    Returns:
        `(S, G)` float64.
    """
    visited = np.asarray(gen_states, np.float64).reshape(-1, gen_states.shape[-1])
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(visited), min(n_starts, len(visited)), replace=False)
    return visited[chosen] + noise * visited.std(axis=0) * rng.normal(size=(len(chosen), visited.shape[1]))


def generator_fixed_points(
    model: Any,
    gen_states: Any,
    *,
    inputs: Any = None,
    n_starts: int = 256,
    noise: float = 0.1,
    seed: int = 0,
    **search: Any,
) -> FixedPoints:
    """Finds the fixed points of a trained generator near the states that it visited.

    Args:
        model: A model with LFADS's generator.
        gen_states: `(B, T, G)` or `(V, G)`, of `model.posterior`.
        inputs: The constant input, as for `generator_map`.
        n_starts, noise, seed: As for `visited_starts`.
        **search: Passed on to `find_fixed_points`: max_speed, merge_distance, n_steps, learning_rate.

    Raises:
        ConfigError: An argument is out of its range, or the model has no such generator.
        DataError: If `gen_states` are not this generator's.
    """
    step, units = generator_map(model, inputs), _cell(model).units_gen
    states = np.asarray(gen_states)
    if states.ndim not in (2, 3) or states.shape[-1] != units:
        raise DataError(
            f"gen_states: expected (trials, bins, {units}) of this model's posterior, got shape {states.shape}."
        )
    if n_starts < 1 or noise < 0:
        raise ConfigError(f"n_starts, noise: expected at least 1 and 0, got {n_starts!r} and {noise!r}.")
    return find_fixed_points(
        step,
        visited_starts(states, n_starts, noise, seed),
        visited=states.reshape(-1, units),
        bin_width_s=model.spec.bin_width_s,
        **search,
    )


def factors_of(model: Any, states: np.ndarray) -> np.ndarray:
    """Returns the factors `(K, F)` of generator states `(K, G)`."""
    return np.asarray(states) @ np.asarray(_cell(model).factor_matrix())


def _cell(model: Any) -> Any:
    names = [layer.name for layer in model.core.layers]
    if "complex_rnn" not in names:
        raise ConfigError(
            f"model: expected one with LFADS's generator (lfads, autolfads), got family {model.params.family!r}; give "
            "find_fixed_points the map of its dynamics instead."
        )
    return model.core.get_layer("complex_rnn").cell


def _constant_input(inputs: Any, width: int) -> np.ndarray:
    given = np.zeros(width) if inputs is None else np.asarray(inputs, np.float64).reshape(-1)
    if given.shape != (width,) or not np.isfinite(given).all():
        raise ConfigError(
            f"inputs: expected {width} finite numbers (inferred input, then external input), got {given.tolist()}."
        )
    return given
