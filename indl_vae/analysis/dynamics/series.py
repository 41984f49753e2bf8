"""Time series as they are asked for throughout this folder: checked, and in one shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.errors import ConfigError, DataError


def as_series(name: str, array: Any) -> np.ndarray:
    """Returns `array` as float64 `(B, T, N)`; one trajectory `(T, N)` becomes `(1, T, N)`.

    Raises:
        DataError: If the array has other axes, or one of them is empty.
    """
    values = np.asarray(array, dtype=np.float64)
    if values.ndim == 2:
        values = values[None]
    if values.ndim != 3 or values.size == 0:
        raise DataError(
            f"{name}: expected trajectories (trials, bins, dimensions) or one (bins, dimensions), none of the axes "
            f"empty, got shape {values.shape}. A single dimension is array[:, None]."
        )
    return values


def finite_series(name: str, array: Any) -> np.ndarray:
    """Returns `array` as `as_series` does.

    Raises:
        DataError: As `as_series`, or an entry is not finite.
    """
    values = as_series(name, array)
    if not np.isfinite(values).all():
        raise DataError(
            f"{name}: expected finite numbers, got {int((~np.isfinite(values)).sum())} entries of NaN or infinity. "
            "Leave those trials out, or cut the series before them."
        )
    return values


def series_pair(
    true: Any, generated: Any, names: tuple[str, str] = ("true", "generated")
) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of trajectories of the same dimensions; the first is finite, the second need not be.

    Raises:
        DataError: As `finite_series`, or the two differ in their number of dimensions.
    """
    first, second = finite_series(names[0], true), as_series(names[1], generated)
    if first.shape[2] != second.shape[2]:
        raise DataError(
            f"{names[1]}: expected the {first.shape[2]} dimensions of `{names[0]}` on the last axis, got "
            f"{second.shape[2]}. Compare series in one space: observations with observations, latents with latents."
        )
    return first, second


def as_points(series: np.ndarray) -> np.ndarray:
    """Returns trajectories `(B, T, N)` as points `(B * T, N)`, each trajectory contiguous."""
    return series.reshape(-1, series.shape[-1])


def check_positive(**arguments: float) -> None:
    """Raises a `ConfigError` that names the first argument that is not a finite number above 0."""
    for name, value in arguments.items():
        if not 0 < value < np.inf:
            raise ConfigError(f"{name}: expected a finite number above 0, got {value!r}.")


def check_counts(least: int = 1, **arguments: int) -> None:
    """Raises a `ConfigError` that names the first argument that is not an integer of at least `least`."""
    for name, value in arguments.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise ConfigError(f"{name}: expected an integer of at least {least}, got {value!r}.")
