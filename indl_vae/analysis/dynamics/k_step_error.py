"""How well latents, rolled on by the latent map alone, forecast the observations k steps ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.forecast_pairs import check_steps, mean_square, observed_entries
from indl_vae.analysis.dynamics.series import as_series, finite_series
from indl_vae.errors import DataError


def k_step_error(
    latents: Any,
    observations: Any,
    step: Callable[..., Any],
    readout: Callable[[np.ndarray], Any],
    ks: Sequence[int] = (1, 5, 10, 20),
    inputs: Any | None = None,
    mask: Any | None = None,
) -> dict[int, float]:
    """Returns for each k the mean squared error of forecasting `x_{t+k}` from the latent at t.

    `MSE_k = mean over trials, t and dimensions of (readout(F^k(z_t)) - x_{t+k})^2` for every t with t + k in the trial
    (Brenner et al., ICML 2022, arXiv:2207.02542, the k-step prediction error). Chaos makes it grow with k for the best
    of models: compare with `persistence_error`, and at few steps.

    Args:
        latents: `(B, T, M)` or `(T, M)`: where each forecast starts; posterior means rather than samples.
        observations: `(B, T, N)` or `(T, N)`; NaN entries do not count.
        step: The latent map, `step(z)` or, with inputs, `step(z, inputs)`; `LatentMap.step` does.
        readout: States `(..., M)` to expected observations `(..., N)`.
        ks: Numbers of steps ahead, each from 1 to T - 1.
        inputs: `(B, T, U)` or `(T, U)`, or None. The input at t enters the transition from t - 1 to t, so a forecast
            of `x_{t+k}` uses those at t + 1 to t + k.
        mask: `(B, T, N)` or `(B, T)`, 1 = observed, of the bins that are forecast.

    Returns:
        k -> error in squared units of the observations; NaN where no forecast bin is observed, infinity where the map
        diverges.

    Raises:
        ConfigError: If a k is not within the trial.
        DataError: If latents or inputs are not finite, or shapes do not fit.
    """
    states, x = finite_series("latents", latents), as_series("observations", observations)
    _check_bins("observations", x, states)
    inputs = None if inputs is None else finite_series("inputs", inputs)
    if inputs is not None:
        _check_bins("inputs", inputs, states)
    wanted, seen, errors = check_steps(ks, x.shape[1]), observed_entries(x, mask), {}
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(1, max(wanted) + 1):
            states = _advance(step, states[:, :-1], None if inputs is None else inputs[:, k:])
            if k in wanted:
                errors[k] = mean_square(_read(readout, states, x[:, k:]), x[:, k:], seen[:, k:])
    return {k: errors[k] for k in wanted}


def _check_bins(name: str, values: np.ndarray, latents: np.ndarray) -> None:
    if values.shape[:2] != latents.shape[:2]:
        raise DataError(
            f"{name}: expected the trials and bins of `latents`, {latents.shape[:2]}, got {values.shape[:2]}. Give the "
            "series that the latents were inferred from."
        )


def _advance(step: Callable[..., Any], states: np.ndarray, inputs: np.ndarray | None) -> np.ndarray:
    after = np.asarray(step(states) if inputs is None else step(states, inputs), dtype=np.float64)
    if after.shape != states.shape:
        raise DataError(f"step: expected states of shape {states.shape} back, got {after.shape}.")
    return after


def _read(readout: Callable[[np.ndarray], Any], states: np.ndarray, target: np.ndarray) -> np.ndarray:
    forecast = np.asarray(readout(states), dtype=np.float64)
    if forecast.shape != target.shape:
        raise DataError(
            f"readout: expected observations of shape {target.shape} for states {states.shape}, got {forecast.shape}."
        )
    return forecast
