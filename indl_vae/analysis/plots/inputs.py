"""Inferred inputs: what the controller sends to the generator."""

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
    outside_legend,
    styled,
    time_axis,
)
from indl_vae.errors import DataError


@styled
def plot_inputs(
    inputs: Any,
    *,
    condition: np.ndarray | None = None,
    bin_width_s: float | None = None,
    n_inputs: int = 6,
    event: np.ndarray | None = None,
) -> Figure:
    """Draws each inferred input: its mean over trials with the standard error, and every trial as a line of a heat map.

    Args:
        inputs: `(B, T, U)` controller outputs in arbitrary units; U may be 0.
        condition: `(B,)` labels: one mean per condition, heat map sorted by condition. None: one mean, trials in order.
        bin_width_s: Width of a bin in seconds, or None.
        n_inputs: Largest number of inputs drawn.
        event: `(B,)` bin of an event of each trial, a true input pulse say: trials are sorted by it, and it is marked.

    Raises:
        DataError: If `inputs` has not three axes, or `event` another number of trials.
    """
    inputs = as_trials("inputs", inputs)
    if event is not None:
        inputs, condition, event = _sorted_by(event, inputs, condition)
    if is_blank(inputs):
        return message_figure("This model infers no inputs.")
    groups = condition_groups(condition, len(inputs))
    rows = min(inputs.shape[2], n_inputs)
    figure = new_figure(0.6 + 2.0 * rows)
    axes = figure.subplots(rows, 2, sharex=True, squeeze=False, width_ratios=(1, 1))
    for index, (mean_ax, map_ax) in enumerate(axes):
        _draw_means(mean_ax, inputs[:, :, index], groups, bin_width_s)
        image = _draw_map(map_ax, inputs[:, :, index], groups, bin_width_s)
        if event is not None:
            _mark(map_ax, event[np.concatenate([group.indices for group in groups])], inputs.shape[1], bin_width_s)
        mean_ax.set_ylabel(f"Input {index} (a.u.)")
        figure.colorbar(image, ax=map_ax, fraction=0.05, pad=0.02, label="a.u.")
    axes[0, 0].set_title("Mean over trials and s.e.m.")
    axes[0, 1].set_title("Single trials")
    for ax in axes[-1]:
        ax.set_xlabel(time_axis(1, bin_width_s)[1])
    if len(groups) > 1:
        outside_legend(axes[0, 0], "Condition", ncols=1 + len(groups) // 9)
    return figure


def _sorted_by(
    event: np.ndarray, inputs: np.ndarray, condition: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    event = np.asarray(event)
    if event.shape != inputs.shape[:1]:
        raise DataError(f"event: has shape {event.shape}, expected a bin for each of the {len(inputs)} trials.")
    order = np.argsort(event, kind="stable")
    return inputs[order], None if condition is None else np.asarray(condition)[order], event[order]


def _mark(ax: Axes, event: np.ndarray, n_bins: int, bin_width_s: float | None) -> None:
    time, _ = time_axis(n_bins, bin_width_s)
    ax.plot(
        time[event.astype(int)],
        np.arange(len(event)),
        ".",
        color="#1b1f24",
        markersize=1.2,
        markeredgewidth=0,
        label="event",
    )


def _draw_means(ax: Axes, values: np.ndarray, groups: list[Group], bin_width_s: float | None) -> None:
    time, _ = time_axis(values.shape[1], bin_width_s)
    ax.axhline(0, color="#c9ced6", linewidth=0.8)
    for group in groups:
        mean, error = mean_and_spread(values[group.indices])
        ax.fill_between(time, mean - error, mean + error, color=group.color, alpha=0.22, linewidth=0)
        ax.plot(time, mean, color=group.color, label=group.label, marker="o" if len(time) == 1 else None)


def _draw_map(ax: Axes, values: np.ndarray, groups: list[Group], bin_width_s: float | None) -> Any:
    time, _ = time_axis(values.shape[1], bin_width_s)
    half = (time[1] - time[0]) / 2 if len(time) > 1 else 0.5
    ordered = values[np.concatenate([group.indices for group in groups])]
    finite = np.abs(ordered[np.isfinite(ordered)])
    limit = max(float(np.quantile(finite, 0.99)), 1e-9) if finite.size else 1.0
    extent = (time[0] - half, time[-1] + half, len(ordered) - 0.5, -0.5)
    image = ax.imshow(
        ordered, aspect="auto", interpolation="nearest", extent=extent, cmap="RdBu_r", vmin=-limit, vmax=limit
    )
    ax.set_ylabel("Trial" if len(groups) == 1 else "Trial (by condition)")
    if len(groups) > 1:
        for edge in np.cumsum([len(group.indices) for group in groups])[:-1]:
            ax.axhline(edge - 0.5, color="#1b1f24", linewidth=0.5)
    return image
