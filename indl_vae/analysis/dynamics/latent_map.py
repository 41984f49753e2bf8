"""What the analysis of dynamics asks of a latent map, and the one place where it is called with its Jacobian."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from indl_vae.errors import DataError


class LatentMap(Protocol):
    """The deterministic step of a latent dynamics model, in NumPy; the model's own process noise is left out."""

    def step(self, z: np.ndarray, inputs: np.ndarray | None = None) -> np.ndarray:
        """Returns the next states of `z` `(..., M)`; `inputs` `(..., U)` are those that enter this very transition."""
        ...

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        """Returns `J[..., i, j] = d z'_i / d z_j` at `z` `(..., M)`, shape `(..., M, M)`."""
        ...


def step_states(latent_map: LatentMap, states: np.ndarray) -> np.ndarray:
    """Returns the next states of `states` `(..., M)` without inputs, float64.

    Raises:
        DataError: If the map returns another shape.
    """
    return _of_shape("latent_map.step", latent_map.step(states), states.shape, states)


def jacobians_at(latent_map: LatentMap, states: np.ndarray) -> np.ndarray:
    """Returns the Jacobians at `states` `(..., M)`, float64 `(..., M, M)`.

    Raises:
        DataError: If the map returns another shape.
    """
    shape = (*states.shape, states.shape[-1])
    return _of_shape("latent_map.jacobian", latent_map.jacobian(states), shape, states)


def _of_shape(name: str, found: Any, shape: tuple[int, ...], states: np.ndarray) -> np.ndarray:
    values = np.asarray(found, dtype=np.float64)
    if values.shape != shape:
        raise DataError(
            f"{name}: expected an array of shape {shape} for states {states.shape}, got {values.shape}. A map takes "
            "states with any leading axes and keeps them."
        )
    return values
