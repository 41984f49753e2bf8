"""Neurons' traces over what a model tells of them, shown and hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    DATA,
    MODEL,
    PALETTE,
    as_trials,
    is_blank,
    message_figure,
    new_figure,
    styled,
    time_axis,
)
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.errors import DataError


@styled
def plot_traces(
    data: Any,
    found: Any,
    hidden: Any = None,
    *,
    names: Sequence[Sequence[str]] | None = None,
    bin_width_s: float | None = None,
    n_trials: int = 2,
    n_channels: int = 6,
) -> Figure:
    """Draws traces of some neurons of some trials, from the one that is told best to the one that is told worst.

    Args:
        data: `(B, T, N)`; NaN where not recorded.
        found: `(B, T, N)`: expected values of neurons that the model is shown.
        hidden: `(B, T, N)`: expected values of neurons that it is not shown, or None. They are ranked by these.
        names: `B` lists of `N` names; the numbers of the channels by default.
        bin_width_s: Width of a bin in seconds, or None.
        n_trials: Largest number of trials drawn.
        n_channels: Largest number of neurons drawn of each.

    Raises:
        DataError: An array has not three axes, or the shapes differ.
    """
    given = {"data": data, "found": found} | ({} if hidden is None else {"hidden": hidden})
    rows = {name: as_trials(name, array) for name, array in given.items()}
    if len({array.shape for array in rows.values()}) > 1:
        raise DataError(f"{', '.join(rows)}: expected one shape, got {[a.shape for a in rows.values()]}.")
    if is_blank(*rows.values()):
        return message_figure("No traces to draw.")
    ranked = rows["found" if hidden is None else "hidden"]
    scores = _scores(rows["data"], ranked)
    usable = np.flatnonzero(np.isfinite(scores).any(1) | np.isfinite(rows["data"] * ranked).any((1, 2)))
    if not len(usable):
        return message_figure("No neuron that was recorded is told.")
    trials = [usable[i] for i in spread_indices(len(usable), n_trials)]
    chosen = [_spread(rows["data"][trial] * ranked[trial], scores[trial], n_channels) for trial in trials]
    figure = new_figure(0.9 + 0.85 * max(map(len, chosen)))
    axes = figure.subplots(max(map(len, chosen)), len(trials), sharex=True, squeeze=False)
    time, label = time_axis(rows["data"].shape[1], bin_width_s)
    for column, (trial, channels) in enumerate(zip(trials, chosen, strict=True)):
        for ax in axes[len(channels) :, column]:
            ax.set_axis_off()
        for ax, channel in zip(axes[:, column], channels, strict=False):
            _draw(ax, time, {name: array[trial, :, channel] for name, array in rows.items()})
            name = f"channel {channel}" if names is None else names[trial][channel]
            ax.set_title(f"{name}   R² {scores[trial, channel]:.2f}", fontsize=8.5, pad=2)
        axes[len(channels) - 1, column].set_xlabel(f"{label}, trial {trial}")
    figure.supylabel("Activity (data units)", fontsize=9)
    handles, words = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside upper right", ncols=3)
    return figure


def _draw(ax: Axes, time: np.ndarray, lines: dict[str, np.ndarray]) -> None:
    # the wider line below stays to be seen where both tell the same
    looks = {
        "data": (DATA, 1.0, "recorded"),
        "found": (MODEL, 2.6, "model, shown the neuron"),
        "hidden": (PALETTE[1], 1.2, "model, not shown it"),
    }
    for name, values in lines.items():
        color, width, label = looks[name]
        marker = "o" if len(time) == 1 else None
        ax.plot(time, values, color=color, linewidth=width, label=label, marker=marker)


def _scores(data: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Returns R2 of each trial's neurons, `(B, N)`; NaN where nothing varies."""
    seen = np.isfinite(data * told)
    n = np.maximum(seen.sum(1, keepdims=True), 1)
    y = np.where(seen, data, 0.0)
    total = np.where(seen, (y - y.sum(1, keepdims=True) / n) ** 2, 0.0).sum(1)
    error = np.where(seen, (y - np.where(seen, told, 0.0)) ** 2, 0.0).sum(1)
    return np.where(total > 0, 1.0 - error / np.where(total > 0, total, 1.0), np.nan)


def _spread(values: np.ndarray, scores: np.ndarray, n: int) -> np.ndarray:
    """Returns recorded channels from the best score to the worst, `n` of them, evenly spread; NaN scores last."""
    there = np.flatnonzero(np.isfinite(values).any(0))
    order = there[np.argsort(-np.nan_to_num(scores[there], nan=-np.inf), kind="stable")]
    return order[spread_indices(len(order), n)]
