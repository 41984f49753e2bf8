"""The weights of a latent step as heat maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import INK, message_figure, new_figure, styled
from indl_vae.errors import DataError

#: Largest matrix whose numbers are printed, and panels in a row.
_NUMBERS, _COLUMNS = 8, 3
#: Share of the largest value from which on a cell is dark.
_DARK = 0.6


@styled
def plot_step_weights(weights: Mapping[str, Any]) -> Figure:
    """Draws each array as a heat map, symmetric about 0; the numbers of small ones are printed.

    Args:
        weights: Arrays of one or two axes by name.

    Raises:
        DataError: If an array has more axes.
    """
    arrays = {name: np.atleast_2d(np.asarray(value, float)) for name, value in weights.items()}
    for name, array in arrays.items():
        if array.ndim != 2:
            raise DataError(f"{name}: expected one or two axes, got shape {array.shape}.")
    if not arrays:
        return message_figure("No weights to draw.")
    rows = -(-len(arrays) // _COLUMNS)
    figure = new_figure(0.4 + 2.4 * rows)
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for ax, (name, array) in zip(axes, arrays.items(), strict=False):
        limit = float(np.nanmax(np.abs(array), initial=1e-12))
        image = ax.imshow(array, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
        ax.set_title(name)
        figure.colorbar(image, ax=ax, fraction=0.06, pad=0.02)
        if max(array.shape) <= _NUMBERS:
            for (row, column), value in np.ndenumerate(array):
                color = "white" if abs(value) > _DARK * limit else INK
                ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=6.5, color=color)
        if len(array) == 1:
            ax.set_yticks([])
    for ax in axes[len(arrays) :]:
        ax.set_axis_off()
    return figure
