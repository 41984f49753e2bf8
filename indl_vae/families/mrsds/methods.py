"""What a trained MR-SDS can do besides: tell latents, states and messages, predict, and run by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from indl_vae.families.mrsds.free_run import RegionRun, Start
from indl_vae.inference.viterbi import viterbi
from indl_vae.layers.regions.predicted_path import predicted
from indl_vae.models.batch import SEEN_KEYS, as_batch

Arrays = dict[str, np.ndarray]


def bound_to(run: RegionRun) -> dict[str, Callable[..., Any]]:
    """Returns the methods by name; the first argument of each is the model."""

    def states(model: Any, data: Any) -> np.ndarray:
        """Returns the latents `(B, T, D)` that the model finds for trials, without drawing."""
        return _outputs(model, data)["factors"]

    def state_probs(model: Any, data: Any) -> np.ndarray:
        """Returns the probabilities `(B, T, K)` of the discrete states of trials, without drawing latents."""
        return _outputs(model, data)["state_probs"]

    def read_out(model: Any, latents: Any) -> np.ndarray:
        """Returns the expected values `(..., T, N)` of the observations for latents `(..., T, D)`."""
        return np.asarray(run.read(_float(latents))["rates"])

    return {
        "states": states,
        "state_probs": state_probs,
        "read_out": read_out,
        **_of_paths(run),
        **_of_points(run),
    }


def _of_paths(run: RegionRun) -> dict[str, Callable[..., Any]]:
    system = run.system

    def potentials(model: Any, latents: Any, ext_input: Any = None) -> Arrays:
        """Returns log_start `(B, K)`, log_matrix `(B, T-1, K, K)`, rows the states before, and log_density `(B, T, K)`.

        They are of the chain of discrete states along a path of the latents `(B, T, D)`.
        """
        x = _float(latents)
        made = system(x, _input(run, ext_input, x))
        n, length, k = made.log_density.shape
        matrix = tf.broadcast_to(made.log_matrix, (n, length - 1, k, k))
        return {"log_start": made.log_start.numpy(), "log_matrix": matrix.numpy()} | {
            "log_density": made.log_density.numpy()
        }

    def discrete_path(model: Any, latents: Any, ext_input: Any = None, steps: Any = None) -> np.ndarray:
        """Returns the most probable sequence `(B, T)` of discrete states along a path of the latents `(B, T, D)`."""
        x = _float(latents)
        return viterbi(*system(x, _input(run, ext_input, x)), None if steps is None else _float(steps))[0].numpy()

    def messages(model: Any, latents: Any, ext_input: Any = None, state_probs: Any = None) -> Arrays:
        """Returns what regions tell one another along a path, averaged over the discrete states.

        Args:
            model: Bound already.
            latents: `(B, T, D)`.
            ext_input: `(B, T, U)`, for a model with one.
            state_probs: `(B, T, K)`; needed with several discrete states.

        Returns:
            messages `(B, T, R, R, d)`, to a region (third axis) from a region (fourth); a region's to itself is its
            change, less its own state. input_messages `(B, T, R, L, d)` of L inputs. 0 in the first bin.
        """
        x = _float(latents)
        u = _input(run, ext_input, x)
        step = system.dynamics(x[:, :-1], None if u is None else u[:, 1:])
        probs = _weights(system, state_probs, x)[:, 1:]
        weighed = [tf.einsum("btk,btkijd->btijd", probs, part).numpy() for part in (step.messages, step.input_messages)]
        between = weighed[0]
        regions, dim = system.dynamics.n_regions, system.dynamics.dim
        if not system.dynamics.residual:
            own = np.reshape(x[:, :-1], (*between.shape[:2], regions, dim))
            between[:, :, np.arange(regions), np.arange(regions)] -= own
        return {"messages": _late(between), "input_messages": _late(weighed[1])}

    def one_step(model: Any, latents: Any, ext_input: Any = None, state_probs: Any = None) -> np.ndarray:
        """Returns what is predicted of each bin from the one before, `(B, T, D)`; the first bin is as it was."""
        x = _float(latents)
        return predicted(system, x, _weights(system, state_probs, x), _input(run, ext_input, x)).numpy()

    return {
        "potentials": potentials,
        "discrete_path": discrete_path,
        "messages": messages,
        "one_step": one_step,
    }


def _of_points(run: RegionRun) -> dict[str, Callable[..., Any]]:
    system = run.system

    def next_means(model: Any, points: Any, ext_input: Any = None) -> np.ndarray:
        """Returns the expected next latents `(M, K, D)` of points `(M, D)` in each discrete state.

        Without external input that is one of zeros.
        """
        x = _float(points)
        width = max(system.dynamics.input_dim, system.transition.input_dim)
        u = tf.zeros((len(x), width)) if ext_input is None else _float(ext_input)
        return system.dynamics.next_mean(x, u if width else None).numpy()

    def free_run(
        model: Any,
        n_bins: int,
        n: int = 1,
        start: Any = None,
        start_state: Any = None,
        ext_input: Any = None,
        seed: int = 0,
        noise: bool = False,
        drop: int = 0,
    ) -> Arrays:
        """Runs the system by itself.

        Args:
            model: Bound already.
            n_bins: Bins to return.
            n: Number of runs, from starts that are drawn.
            start: Latents `(n, D)` to start from instead, which are not put out themselves.
            start_state: Discrete states `(n,)` there; the most probable first ones by default.
            ext_input: `(n, drop + n_bins, U)`, for a model with external input: what enters each step.
            seed: Of what is drawn.
            noise: Whether latents have their noise and states are drawn; else the most probable state follows.
            drop: Bins at the start that are left out: transients.

        Returns:
            rates (expected values) `(n, n_bins, N)`, factors `(n, n_bins, D)`, and state_probs `(n, n_bins, K)`,
            one-hot.
        """
        first = run.draw_start(n, seed) if start is None else _start(system, start, start_state)
        u = run.inputs(ext_input, drop + n_bins)
        x, followed = run.roll(first, drop + n_bins, u, seed if noise else None)
        made = {name: np.asarray(value) for name, value in run.read(x[:, drop:]).items()}
        return made | {"state_probs": followed[:, drop:].numpy()}

    return {"next_means": next_means, "free_run": free_run}


def _outputs(model: Any, data: Any) -> Arrays:
    batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
    outputs = model.all_outputs({key: value for key, value in batch.items() if key in SEEN_KEYS})
    return {name: np.asarray(outputs[name]) for name in ("factors", "state_probs")}


def _start(system: Any, start: Any, start_state: Any) -> Start:
    x = _float(start)
    if start_state is None:
        start_state = tf.argmax(system.start(x), -1)
    return Start(x, tf.one_hot(tf.cast(start_state, tf.int32), system.n_states))


def _weights(system: Any, state_probs: Any, x: tf.Tensor) -> tf.Tensor:
    if state_probs is None:
        state_probs = tf.ones((*x.shape[:2], system.n_states)) / system.n_states
    return _float(state_probs)


def _input(run: RegionRun, ext_input: Any, x: tf.Tensor) -> tf.Tensor | None:
    return run.inputs(ext_input, x.shape[1])


def _float(values: Any) -> tf.Tensor:
    return tf.convert_to_tensor(np.asarray(values, np.float32))


def _late(later: np.ndarray) -> np.ndarray:
    """Returns values of all bins but the first, with zeros there."""
    return np.concatenate([np.zeros_like(later[:, :1]), later], 1)
