"""Data beside what was found of them and what the model makes by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    INK,
    MODEL,
    MUTED,
    as_trials,
    is_blank,
    message_figure,
    new_figure,
    styled,
    time_axis,
)
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.regions.generation import r2_over_time
from indl_vae.errors import DataError


@styled
def plot_generation(
    data: Any,
    found: Any,
    generated: Any,
    *,
    start_bin: int = 0,
    bin_width_s: float | None = None,
    n_trials: int = 3,
) -> Figure:
    """Draws maps of data, of the posterior and of a run by itself for a few trials, and R2 over time.

    Args:
        data: `(B, T, N)`.
        found: `(B, T, N)`: expected values by the posterior.
        generated: `(B, T, N)`: expected values of a run by itself after `start_bin`, of `generate`.
        start_bin: The last bin that is not generated; a line stands after it.
        bin_width_s: Width of a bin in seconds, or None.
        n_trials: Largest number of trials drawn.

    Raises:
        DataError: An array has not three axes, or the shapes differ.
    """
    rows = {name: as_trials(name, a) for name, a in (("data", data), ("found", found), ("generated", generated))}
    if len({array.shape for array in rows.values()}) > 1:
        raise DataError(f"data, found, generated: expected one shape, got {[a.shape for a in rows.values()]}.")
    if is_blank(*rows.values()):
        return message_figure("Nothing to draw.")
    picked = spread_indices(len(rows["data"]), n_trials)
    figure = new_figure(6.4)
    grid = figure.add_gridspec(4, len(picked), height_ratios=(1, 1, 1, 0.9))
    low, high = np.nanquantile(rows["data"], (0.01, 0.99))
    time, label = time_axis(rows["data"].shape[1], bin_width_s)
    half = 0.5 * (bin_width_s or 1.0)
    extent = (time[0] - half, time[-1] + half, rows["data"].shape[2] - 0.5, -0.5)
    for row, (name, array) in enumerate(rows.items()):
        for column, trial in enumerate(picked):
            ax = figure.add_subplot(grid[row, column])
            image = ax.imshow(array[trial].T, aspect="auto", extent=extent, vmin=low, vmax=max(high, low + 1e-9))
            ax.axvline(time[start_bin] + half, color="white", linewidth=0.8)
            ax.tick_params(labelbottom=False, labelleft=column == 0)
            if row == 0:
                ax.set_title(f"Trial {trial}")
            if column == 0:
                ax.set_ylabel(f"{name.capitalize()}\nchannel")
    figure.colorbar(image, ax=figure.axes, label="Value", fraction=0.03)
    ax = figure.add_subplot(grid[3, :], xlabel=label, ylabel="R2 of a bin", ylim=(-0.25, 1.05), xlim=extent[:2])
    for name, color in (("found", INK), ("generated", MODEL)):
        score = r2_over_time(rows["data"], rows[name], np.isfinite(rows["data"] * rows[name]))
        ax.plot(time, score, color=color, label=name, marker="." if len(time) == 1 else None)
    ax.axhline(0.0, color=MUTED, linewidth=0.8)
    ax.legend(loc="lower left", ncols=2)
    return figure
