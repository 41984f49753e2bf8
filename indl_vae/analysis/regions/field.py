"""Where the dynamics of a region lead."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.regions.latent_maps import LatentMap
from indl_vae.errors import ConfigError


class Field(NamedTuple):
    """Steps of a region's latents on a grid.

    Attributes:
        points: `(n, n, 2)`: the region's latents.
        steps: `(n, n, 2)`: next latents less these.
    """

    points: np.ndarray
    steps: np.ndarray


def region_field(
    model: Any,
    latents: Any,
    region: int,
    state: int = 0,
    n: int = 16,
    to_true: LatentMap | None = None,
    margin: float = 0.1,
) -> Field:
    """Returns the steps of a region with two latents, the other regions at their means and without external input.

    Args:
        model: A trained model.
        latents: `(B, T, R * 2)`: where the trials are; the grid spans the region's range, with a margin.
        region: Number of the region.
        state: Number of the discrete state.
        n: Points along each axis.
        to_true: Of `fit_latent_maps`, to draw in true latents; None for the model's own.
        margin: Share of the range that is shown beyond it.

    Raises:
        ConfigError: The region has not two latents.
    """
    flat = np.asarray(latents, np.float64).reshape(-1, np.shape(latents)[-1])
    dim = model.params.region_latents
    if dim != 2:
        raise ConfigError(f"region_latents: expected 2 for a field in a plane, got {dim}.")
    own = slice(2 * region, 2 * region + 2)
    low, high = flat[:, own].min(0), flat[:, own].max(0)
    low, high = low - margin * (high - low), high + margin * (high - low)
    grid = np.stack(np.meshgrid(*(np.linspace(low[i], high[i], n) for i in (0, 1))), -1)
    points = np.tile(flat.mean(0), (n * n, 1))
    points[:, own] = grid.reshape(-1, 2)
    steps = (model.next_means(points)[:, state, own] - points[:, own]).reshape(n, n, 2)
    return Field(grid, steps) if to_true is None else Field(to_true(grid), steps @ to_true.weights)
