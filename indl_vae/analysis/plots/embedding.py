"""A map of neurons' identities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import INK, MODEL, is_blank, message_figure, new_figure, styled
from indl_vae.analysis.principal_components import principal_components
from indl_vae.errors import DataError

#: Room that a name takes, in parts of the map's width and height.
_ROOM = (0.09, 0.035)


@styled
def plot_embedding(
    table: Any,
    *,
    names: Sequence[str] | None = None,
    values: Any = None,
    meaning: str = "Value",
) -> Figure:
    """Draws identities' vectors on their first two principal components; names where there is room.

    Args:
        table: `(K, E)`: a vector for each identity.
        names: Of the identities; numbers from 1 by default.
        values: `(K,)`: what colours tell, centred on 0, or None; identities without one (NaN) are grey.
        meaning: Of the values.

    Raises:
        DataError: `table` has not two axes, or names or values are not as many as its rows.
    """
    table = np.asarray(table, np.float64)
    if table.ndim != 2:
        raise DataError(f"table: expected an array of shape (identities, dimensions), got shape {table.shape}.")
    names = [str(1 + i) for i in range(len(table))] if names is None else [str(name) for name in names]
    colors = None if values is None else np.asarray(values, np.float64)
    if len(names) != len(table) or (colors is not None and colors.shape != (len(table),)):
        found = "no values" if colors is None else f"values of shape {colors.shape}"
        raise DataError(f"names, values: expected {len(table)}, one for each identity, got {len(names)} and {found}.")
    if is_blank(table):
        return message_figure("No identities to draw.")
    scores, share = principal_components(table[None], 2)
    points = np.pad(scores[0], [(0, 0), (0, 2 - scores.shape[2])])
    shares = np.pad(share, (0, 2 - len(share)))
    figure = new_figure(5.0)
    ax = figure.add_subplot(xlabel=_axis(1, shares[0]), ylabel=_axis(2, shares[1]))
    if colors is None or not np.isfinite(colors).any():
        ax.scatter(*points.T, s=16, color=MODEL)
    else:
        limit = max(float(np.nanmax(np.abs(colors))), 1e-9)
        known = np.isfinite(colors)
        ax.scatter(*points[~known].T, s=12, color="#c9ced6")
        dots: Any = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "edgecolors": "#5c636d", "linewidths": 0.4}
        figure.colorbar(ax.scatter(*points[known].T, c=colors[known], s=24, **dots), ax=ax, label=meaning)
    ax.margins(0.08)
    for i in _with_room(points):
        ax.annotate(names[i], points[i], (3, 2), textcoords="offset points", fontsize=7, color=INK)
    return figure


def _axis(number: int, share: float) -> str:
    return f"PC {number} ({100 * share:.0f} % of the variance)"


def _with_room(points: np.ndarray) -> list[int]:
    """Returns points whose names do not lie on one another's, those far from the middle first."""
    there = np.flatnonzero(np.isfinite(points).all(1))
    size = np.maximum(np.ptp(points[there], axis=0), 1e-12)
    places = points / size
    far = there[np.argsort(-np.linalg.norm(places[there] - places[there].mean(0), axis=1), kind="stable")]
    chosen: list[int] = []
    for i in far:
        if all((np.abs(places[i] - places[j]) > _ROOM).any() for j in chosen):
            chosen.append(int(i))
    return chosen
