"""Factors over time, trial by trial and averaged by condition."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    Group,
    as_trials,
    condition_groups,
    is_blank,
    mean_and_spread,
    message_figure,
    new_figure,
    styled,
    time_axis,
)

#: Thin single-trial lines drawn behind the averages.
SINGLE_TRIALS = 30
#: A panel is at least this share as high, in data units, as the range of the most variable factor.
SMALLEST_SHARE = 0.15


@styled
def plot_factors(
    factors: Any,
    *,
    condition: np.ndarray | None = None,
    bin_width_s: float | None = None,
    n_factors: int = 12,
    name: str = "Factor",
) -> Figure:
    """Draws each factor over time: averages by condition with their standard error, or single trials without labels.

    Args:
        factors: `(B, T, D)` in arbitrary units.
        condition: `(B,)` labels, or None.
        bin_width_s: Width of a bin in seconds, or None.
        n_factors: Largest number of factors drawn; those of greatest variance are, in falling order.
        name: What one of them is called.

    Raises:
        DataError: If `factors` has not three axes.
    """
    factors = as_trials("factors", factors)
    if is_blank(factors):
        return message_figure("This model has no factors.")
    groups = condition_groups(condition, len(factors))
    rows = factors.reshape(-1, factors.shape[2])
    variance = np.nan_to_num(mean_and_spread((rows - mean_and_spread(rows)[0]) ** 2)[0])
    order = np.argsort(-variance, kind="stable")[:n_factors]
    n_columns = _n_columns(len(order))
    n_rows = -(-len(order) // n_columns)
    figure = new_figure(0.9 + 1.35 * n_rows)
    axes = figure.subplots(n_rows, n_columns, sharex=True, squeeze=False).ravel()
    widest = max(float(np.ptp(np.nan_to_num(factors[:, :, i]))) for i in order)
    for ax, index in zip(axes, order, strict=False):
        _draw(ax, factors[:, :, index], groups, bin_width_s)
        _widen(ax, SMALLEST_SHARE * widest)
        share = 100 * variance[index] / max(variance.sum(), 1e-30)
        ax.set_title(f"{name} {index} ({share:.0f} %)", fontsize=8.5, fontweight="normal")
    for ax in axes[len(order) :]:
        ax.set_visible(False)
    for ax in axes[(n_rows - 1) * n_columns :]:
        ax.set_xlabel(time_axis(1, bin_width_s)[1])
    figure.supylabel(f"{name} (arbitrary units)", fontsize=9.5)
    _legend(figure, axes[0], groups)
    return figure


def _n_columns(n: int) -> int:
    """Returns 3 or 4 columns, whichever leaves fewer places empty; fewer for fewer panels."""
    return min(n, min((3, 4), key=lambda columns: (-n % columns, columns if n <= 9 else -columns)))


def _widen(ax: Axes, smallest: float) -> None:
    """Gives the panel at least that height in data units, so that a flat factor looks flat."""
    low, high = ax.get_ylim()
    if high - low < smallest:
        ax.set_ylim((low + high - smallest) / 2, (low + high + smallest) / 2)


def _draw(ax: Axes, values: np.ndarray, groups: list[Group], bin_width_s: float | None) -> None:
    time, _ = time_axis(values.shape[1], bin_width_s)
    marker = "o" if len(time) == 1 else None
    alone = len(groups) == 1
    for group in groups:
        mean, error = mean_and_spread(values[group.indices])
        if alone:
            ax.plot(time, values[group.indices[:SINGLE_TRIALS]].T, color=group.color, alpha=0.3, linewidth=0.6)
        else:
            ax.fill_between(time, mean - error, mean + error, color=group.color, alpha=0.2, linewidth=0)
        color = "#1b1f24" if alone else group.color
        ax.plot(time, mean, color=color, label=group.label, linewidth=1.5, marker=marker)


def _legend(figure: Figure, ax: Axes, groups: list[Group]) -> None:
    if len(groups) == 1:
        n = len(groups[0].indices)
        first = f" (first {SINGLE_TRIALS})" if n > SINGLE_TRIALS else ""
        note = f"Black: mean of {n} trials; blue: single trials{first}" if n > 1 else "One trial"
        figure.suptitle(f"{note}; in brackets: share of the variance", x=0.01, ha="left", fontsize=9)
        return
    handles, labels = ax.get_legend_handles_labels()
    title = "Condition (mean and s.e.m.); in brackets: share of the variance"
    layout = {"ncols": min(len(groups), 10), "alignment": "left", "handlelength": 1.0, "columnspacing": 1.2}
    figure.legend(handles, labels, loc="outside upper left", title=title, **layout)
