"""How many latents each region needs: variance of its principal components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from indl_vae.analysis.plots.canvas import MUTED, as_trials, colors, is_blank, message_figure, new_figure, styled
from indl_vae.analysis.principal_components import principal_components
from indl_vae.errors import DataError


@styled
def plot_region_variance(
    data: Any, region_sizes: Sequence[int], *, regions: Sequence[str] | None = None, n_components: int = 20
) -> Figure:
    """Draws the share of each region's variance that its first principal components explain.

    Args:
        data: `(B, T, N)`: values, or rates; of counts noise has most of the variance.
        region_sizes: Channels of each region.
        regions: Names of the regions.
        n_components: Largest number of components.

    Raises:
        DataError: `data` has not three axes, or the sizes do not add up to its channels.
    """
    data = as_trials("data", data)
    if sum(region_sizes) != data.shape[2]:
        raise DataError(f"region_sizes: expected sizes that add up to {data.shape[2]} channels, got {region_sizes}.")
    if is_blank(data):
        return message_figure("No data to draw.")
    figure = new_figure(3.0, 5.0)
    ax = figure.add_subplot(xlabel="Number of components", ylabel="Share of variance", ylim=(0, 1.03))
    ends = np.cumsum(region_sizes)
    for i, (end, size, color) in enumerate(zip(ends, region_sizes, colors(len(ends)), strict=True)):
        _, share = principal_components(data[..., end - size : end], min(n_components, size))
        name = f"region {i}" if regions is None else regions[i]
        ax.plot(1 + np.arange(len(share)), np.cumsum(share), ".-", color=color, label=f"{name} ({size} channels)")
    ax.axhline(0.95, color=MUTED, linewidth=0.8, linestyle=":")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right")
    return figure
