"""One small heat map, channels by bins, in a colour scale that it shares with others of its figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from indl_vae.analysis.plots.canvas import time_axis
from indl_vae.analysis.plots.raster import RATE_COLORS


def map_look(values: np.ndarray, signed: bool | None = None) -> dict[str, Any]:
    """Returns colour map and limits for `draw_map`: from 0 up, or alike on both sides of 0.

    Args:
        values: All values drawn, in any shape; limits leave out half a percent of them.
        signed: Whether both sides of 0 are shown; None where a value is below 0.
    """
    finite = values[np.isfinite(values)]
    high = float(np.quantile(np.abs(finite), 0.995)) if finite.size else 0.0
    high = high if high > 0 else 1.0
    if signed is None:
        signed = bool((finite < 0).any())
    return {"cmap": "RdBu_r", "vmin": -high, "vmax": high} if signed else {"cmap": RATE_COLORS, "vmin": 0, "vmax": high}


def draw_map(ax: Axes, values: np.ndarray, look: dict[str, Any], bin_width_s: float | None) -> Any:
    """Draws `values` `(T, N)` with few ticks and returns the image."""
    time, _ = time_axis(len(values), bin_width_s)
    half = (time[1] - time[0]) / 2 if len(time) > 1 else 0.5
    extent = (time[0] - half, time[-1] + half, values.shape[1] - 0.5, -0.5)
    image = ax.imshow(values.T, aspect="auto", interpolation="nearest", extent=extent, **look)
    ax.xaxis.set_major_locator(MaxNLocator(2))
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    return image


def unit_label(unit: str, change: bool = False) -> str:
    """Returns the label of a colour bar: Rate (spikes/s), or Data units where values are no rates."""
    if change:
        return f"Change\n({unit})"
    return f"Rate ({unit})" if unit.startswith("spikes") else unit.capitalize()
