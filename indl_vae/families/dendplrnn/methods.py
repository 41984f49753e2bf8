"""What a trained dendPLRNN can do besides: run by itself, tell its states, and lend its map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indl_vae.families.dendplrnn.free_run import FreeRun, LatentMap
from indl_vae.models.batch import SEEN_KEYS, as_batch

Arrays = dict[str, np.ndarray]


def bound_to(run: FreeRun) -> dict[str, Callable[..., Any]]:
    """Returns the methods by name; the first argument of each is the model."""

    def free_run(
        model: Any, n_bins: int, n: int = 1, start: Any = None, ext_input: Any = None, seed: int = 0, drop: int = 0
    ) -> Arrays:
        """Runs the network by itself, without noise.

        Args:
            model: Bound already.
            n_bins: Bins to return.
            n: Number of runs, from random states.
            start: States `(n, M)` to start from instead, which are not put out themselves.
            ext_input: `(n, drop + n_bins, S)`, for a model with measured external input.
            seed: Of random states.
            drop: Bins at the start that are left out: transients.

        Returns:
            rates (expected values) `(n, n_bins, N)`, factors and gen_states `(n, n_bins, M)`.
        """
        first = run.start(n, seed) if start is None else start
        states = run.roll(first, drop + n_bins, ext_input)[:, drop:]
        return {name: np.asarray(value) for name, value in run.read(states).items()}

    def states(model: Any, data: Any) -> np.ndarray:
        """Returns the states `(B, T, M)` that the model finds for trials, from which forecasts start.

        They are posterior means, or the network's own with those set right that the bin tells.
        """
        batch = as_batch(data.batch() if hasattr(data, "batch") else data, model.spec)
        outputs = model.all_outputs({key: value for key, value in batch.items() if key in SEEN_KEYS})
        return np.asarray(outputs["_latents"])

    def read_out(model: Any, latents: Any) -> np.ndarray:
        """Returns the expected values `(..., T, N)` of the observations in states `(..., T, M)`."""
        return np.asarray(run.read(np.asarray(latents, np.float32))["rates"])

    def latent_map(model: Any) -> LatentMap:
        """Returns the step and its Jacobian as functions of arrays, for `indl_vae.analysis.dynamics`."""
        return run.latent_map()

    return {"free_run": free_run, "states": states, "read_out": read_out, "latent_map": latent_map}
