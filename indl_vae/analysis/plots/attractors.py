"""The attractor that a model generates over the true one, in space, in planes and over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

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
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.plots.space import add_space
from indl_vae.analysis.principal_components import principal_axes
from indl_vae.errors import DataError

#: Planes drawn beside the space, and where they begin as shares of the width; the third says least that it does not.
_PLANES = (((0, 1), 0.565), ((1, 2), 0.825))
#: Largest number of trials of each series drawn in space.
_TRIALS = 20


@styled
def plot_attractors(
    true: Any,
    generated: Any,
    *,
    bin_width_s: float | None = None,
    n_bins: int = 4000,
    n_time_bins: int = 1000,
    name: str = "dim",
) -> Figure:
    """Draws free runs of a model over the true series: in space, in planes, and below each dimension over time.

    More than three dimensions are projected on the first three principal components of the true series. Free runs of
    chaotic systems part from the true series within a few Lyapunov times even where the model is right: over time,
    compare amplitudes and rhythms, not bins.

    Args:
        true: `(T, N)` or `(B, T, N)`, in any unit; bins with a NaN are left out.
        generated: The same of the model; trials and bins may be others.
        bin_width_s: Width of a bin in seconds, or None.
        n_bins: Largest number of bins of each series drawn in space, over all trials.
        n_time_bins: Largest number of bins drawn over time, the first ones of the first trial.
        name: What one dimension is called.

    Raises:
        DataError: If an array has other axes, or the two have different dimensions.
    """
    both = as_trials("true", true), as_trials("generated", generated)
    if both[0].shape[2] != both[1].shape[2]:
        raise DataError(
            f"generated: expected the {both[0].shape[2]} dimensions of `true`, got {both[1].shape[2]}. Read generated "
            "latents out before they are compared with observations."
        )
    if is_blank(*both):
        return message_figure("No true series or no free run to compare.")
    (first, second), names = _projected(*both, name)
    n_shown = first.shape[2]
    top_height, bottom_height = (3.1 if n_shown > 1 else 0.0), 0.6 + 0.95 * n_shown
    figure = new_figure(top_height + bottom_height)
    if n_shown > 1:
        top, bottom = figure.subfigures(2, 1, height_ratios=(top_height, bottom_height))
        _draw_state_space(top, _pieces(first, n_bins), _pieces(second, n_bins), names)
    else:
        bottom = figure.subfigures(1, 1)
    _draw_time(bottom, first[0, :n_time_bins], second[0, :n_time_bins], names, bin_width_s)
    _add_legend(bottom)
    return figure


def _projected(true: np.ndarray, generated: np.ndarray, name: str) -> tuple[tuple[np.ndarray, np.ndarray], list[str]]:
    """Returns both series in at most three coordinates, and their names."""
    if true.shape[2] <= 3:
        return (true, generated), [f"{name} {i}" for i in range(true.shape[2])]
    mean, axes, share = principal_axes(true, 3)
    names = [f"PC {i + 1} ({100 * s:.0f} %)" for i, s in enumerate(share)]
    return ((true - mean) @ axes, (generated - mean) @ axes), names


def _pieces(series: np.ndarray, n_bins: int) -> list[np.ndarray]:
    """Returns the beginnings of trials, `n_bins` in all."""
    picked = spread_indices(len(series), min(_TRIALS, max(1, n_bins // 2)))
    return [series[trial, : max(2, n_bins // len(picked))] for trial in picked]


def _draw_state_space(figure: Any, true: list[np.ndarray], generated: list[np.ndarray], names: list[str]) -> None:
    if len(names) == 2:
        _draw_plane(figure.subplots(), true, generated, names, (0, 1))
        return
    space = add_space(figure, (0.0, 0.06, 0.4, 0.9), names, zoom=1.05)
    _draw_lines(space, true, generated, (0, 1, 2))
    for pair, left in _PLANES:
        _draw_plane(figure.add_axes((left, 0.2, 0.16, 0.68)), true, generated, names, pair)


def _draw_plane(
    ax: Axes, true: list[np.ndarray], generated: list[np.ndarray], names: list[str], pair: tuple[int, int]
) -> None:
    _draw_lines(ax, true, generated, pair)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set(xlabel=names[pair[0]], ylabel=names[pair[1]])


def _draw_lines(ax: Any, true: list[np.ndarray], generated: list[np.ndarray], columns: tuple[int, ...]) -> None:
    for pieces, color, width, alpha in ((true, DATA, 1.0, 0.8), (generated, MODEL, 0.6, 0.75)):
        for piece in pieces:
            marker = "." if len(piece) == 1 else None
            ax.plot(*piece[:, list(columns)].T, color=color, linewidth=width, alpha=alpha, marker=marker)


def _draw_time(
    figure: Any, true: np.ndarray, generated: np.ndarray, names: list[str], bin_width_s: float | None
) -> None:
    axes = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for index, (ax, name) in enumerate(zip(axes, names, strict=True)):
        for series, color, width in ((true, DATA, 1.6), (generated, MODEL, 1.1)):
            time, label = time_axis(len(series), bin_width_s)
            ax.plot(time, series[:, index], color=color, linewidth=width, marker="o" if len(time) == 1 else None)
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.set_ylabel(name)
    axes[-1].set_xlabel(f"{label}, first trial of each")


def _add_legend(figure: Any) -> None:
    lines = [Line2D([], [], color=DATA, linewidth=2), Line2D([], [], color=MODEL, linewidth=2)]
    figure.legend(lines, ["true", "generated"], loc="outside upper left", ncols=2)
