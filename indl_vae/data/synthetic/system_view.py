"""What is seen of the states of a dynamical system: all dimensions, some, or delay coordinates of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indl_vae.errors import ConfigError


@dataclass(frozen=True)
class View:
    """What is seen of the standardised states.

    Attributes:
        noise: Standard deviation of the noise of the training and the validation data, in standard deviations of the
            system; the test data have none.
        observed: Dimensions that are seen, a number or several; None for all.
        delays: Number of delay coordinates of the only dimension seen; 0 for none.
        delay_bins: Bins between two delay coordinates.
    """

    noise: float
    observed: int | Sequence[int] | None = None
    delays: int = 0
    delay_bins: int = 10

    def columns(self, n_dims: int) -> list[int]:
        """Returns the dimensions seen of a system of `n_dims`.

        Raises:
            ConfigError: They are no dimensions of the system, or more than one is to be embedded by delays.
        """
        if self.noise < 0:
            raise ConfigError(f"noise: {self.noise!r}, expected a standard deviation from 0 up.")
        columns = _numbers(self.observed, n_dims)
        if self.delays and len(columns) != 1:
            raise ConfigError(
                f"delays: {self.delays} with observed dimensions {columns}, expected one dimension; set observed to "
                "its number, such as observed=1."
            )
        if self.delays and self.delay_bins < 1:
            raise ConfigError(f"delay_bins: {self.delay_bins!r}, expected a number of bins from 1 up; 10 is usual.")
        return columns

    @property
    def ahead(self) -> int:
        """Bins behind the end of a trial that its last delay coordinates need."""
        return max(self.delays - 1, 0) * self.delay_bins

    def show(self, values: np.ndarray, columns: list[int], n_bins: int) -> np.ndarray:
        """Returns what is seen of values `(C, n_bins + ahead, D)`: `(C, n_bins, channels)`."""
        if not self.delays:
            return values[:, :n_bins, columns]
        shifted = [
            values[:, first : first + n_bins, columns] for first in range(0, self.ahead + 1, max(self.delay_bins, 1))
        ]
        return np.concatenate(shifted, axis=-1)


def _numbers(observed: Any, n_dims: int) -> list[int]:
    if observed is None:
        return list(range(n_dims))
    given = list(observed) if isinstance(observed, (list, tuple, np.ndarray)) else [observed]
    whole = all(isinstance(one, (int, np.integer)) and not isinstance(one, bool) for one in given)
    if not given or not whole or len(set(given)) < len(given) or not all(0 <= one < n_dims for one in given):
        raise ConfigError(
            f"observed: {observed!r}, expected different dimensions from 0 to {n_dims - 1}, such as 1 or (0, 2), or "
            "None for all."
        )
    return [int(one) for one in given]
