"""The error of forecasting that nothing changes: what a k-step error is to be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indl_vae.analysis.dynamics.forecast_pairs import check_steps, mean_square, observed_entries
from indl_vae.analysis.dynamics.series import as_series


def persistence_error(
    observations: Any, ks: Sequence[int] = (1, 5, 10, 20), mask: Any | None = None
) -> dict[int, float]:
    """Returns for each k the mean of `(x_t - x_{t+k})^2` over trials, bins and dimensions.

    Args:
        observations: `(B, T, N)` or `(T, N)`, in any unit; NaN entries do not count.
        ks: Numbers of steps ahead, each from 1 to T - 1.
        mask: `(B, T, N)` or `(B, T)`, 1 = observed; both entries of a pair have to be.

    Returns:
        k -> error in squared units of the observations; NaN where no pair is observed.

    Raises:
        ConfigError: If a k is not within the trial.
        DataError: If shapes do not fit.
    """
    x = as_series("observations", observations)
    wanted = check_steps(ks, x.shape[1])
    seen = observed_entries(x, mask)
    return {k: mean_square(x[:, :-k], x[:, k:], seen[:, :-k] & seen[:, k:]) for k in wanted}
