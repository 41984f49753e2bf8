"""What the two forecast errors share: which entries are observed, and the mean square over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.series import check_counts
from indl_vae.errors import ConfigError, DataError


def check_steps(ks: Sequence[int], n_bins: int) -> list[int]:
    """Returns the numbers of steps ahead as integers.

    Raises:
        ConfigError: If there is none, or one is below 1 or reaches beyond the last bin.
    """
    wanted = list(ks)
    if not wanted:
        raise ConfigError("ks: expected one or more numbers of steps ahead, got none.")
    for k in wanted:
        check_counts(ks=k)
        if k >= n_bins:
            raise ConfigError(
                f"ks: expected numbers of steps below the {n_bins} bins of a trial, got {k}. Leave it out, or give "
                "longer trials."
            )
    return [int(k) for k in wanted]


def observed_entries(observations: np.ndarray, mask: Any | None) -> np.ndarray:
    """Returns which entries of `(B, T, N)` count: those not NaN where the mask is above 0.

    Raises:
        DataError: If the mask is neither `(B, T, N)` nor `(B, T)`.
    """
    seen = ~np.isnan(observations)
    if mask is None:
        return seen
    observed = np.asarray(mask) > 0
    if observed.shape == observations.shape[:2]:
        observed = observed[..., None]
    elif observed.shape != observations.shape:
        raise DataError(
            f"mask: expected shape {observations.shape} or {observations.shape[:2]}, 1 = observed, got "
            f"{observed.shape}."
        )
    return seen & observed


def mean_square(forecast: np.ndarray, target: np.ndarray, seen: np.ndarray) -> float:
    """Returns the mean of `(forecast - target)^2` over the entries seen; NaN where there is none.

    A forecast that is not a number has left all bounds (infinity minus infinity), and counts as infinitely wrong.
    """
    if not seen.any():
        return math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        error = (forecast[seen] - target[seen]) ** 2
        return float(np.where(np.isnan(error), np.inf, error).mean())
