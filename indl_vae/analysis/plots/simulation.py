"""A trial over what a model makes of its first bin alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    DATA,
    MODEL,
    as_trials,
    is_blank,
    message_figure,
    new_figure,
    styled,
    time_axis,
)
from indl_vae.errors import DataError


@styled
def plot_simulation(
    data: Any,
    simulated: Any,
    *,
    trial: int = 0,
    bin_width_s: float | None = None,
    n_channels: int = 10,
    n_bins: int = 1000,
    name: str = "dim",
) -> Figure:
    """Draws the channels of a trial, and over them the model's own run from the state of its first bin.

    Of a chaotic system the two part after a while; how long that takes tells how well the state is known.

    Args:
        data: `(B, T, N)` observations in any unit; NaN where nothing was observed.
        simulated: `(B, T, N)`: expected values of the run, bin for bin.
        trial: Which trial is drawn.
        bin_width_s: Width of a bin in seconds, or None.
        n_channels: Largest number of channels drawn, the first ones.
        n_bins: Largest number of bins drawn.
        name: What a channel is called.

    Raises:
        DataError: If the arrays differ in shape.
    """
    data, simulated = as_trials("data", data), as_trials("simulated", simulated)
    if data.shape != simulated.shape:
        raise DataError(f"simulated: expected the shape {data.shape} of the data, got {simulated.shape}.")
    if is_blank(data, simulated):
        return message_figure("No trial to simulate.")
    rows, shown = min(data.shape[2], n_channels), slice(0, n_bins)
    bins, label = time_axis(data[trial, shown].shape[0], bin_width_s)
    figure = new_figure(0.7 + 0.95 * rows)
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0]
    for channel, ax in enumerate(axes):
        ax.plot(bins, data[trial, shown, channel], color=DATA, lw=1.2, label="data")
        ax.plot(bins, np.clip(simulated[trial, shown, channel], -1e6, 1e6), color=MODEL, lw=1.2, label="run by itself")
        ax.set_ylabel(f"{name} {channel}")
    axes[0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.1)
    axes[-1].set_xlabel(label)
    return figure
