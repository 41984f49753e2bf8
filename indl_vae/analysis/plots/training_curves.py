"""Training curves from the rows of metrics.csv."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import INK, MUTED, PALETTE, colors, message_figure, new_figure, styled

#: Of the first part of training, this share may run off the top of a panel, so that the rest can be read.
BURN_IN = 0.1
#: Divergences get a logarithmic axis where they span more than this ratio.
LOG_RATIO = 20.0
#: How the names of the terms of the loss begin, beside the likelihood.
TERMS = ("kl_", "l2", "co_mean_corr", "mean_nlp", "discriminative")


@styled
def plot_training_curves(rows: Iterable[Mapping[str, Any]]) -> Figure:
    """Draws loss, reconstruction, divergences and penalties, and the ramps with the learning rate against the epoch.

    Args:
        rows: One mapping per epoch with the columns of metrics.csv, as numbers or text; empty cells and columns that
            are missing are passed over.
    """
    columns = _columns(list(rows))
    if not columns:
        return message_figure("No epoch has been logged yet.")
    figure = new_figure(5.6)
    axes = figure.subplots(2, 2, sharex=True)
    _draw_score(axes[0, 0], columns, "loss")
    axes[0, 0].set(title="Loss (with all terms)", ylabel="Loss")
    _draw_score(axes[0, 1], columns, "nll", smoothed="val_nll_smoothed")
    axes[0, 1].set(title="Reconstruction", ylabel="NLL (nats per entry)")
    _draw_terms(axes[1, 0], columns)
    axes[1, 0].set(title="Divergences and penalties, unweighted", ylabel="Mean per trial", xlabel="Epoch")
    _draw_schedule(axes[1, 1], columns)
    axes[1, 1].set(title="Schedules", xlabel="Epoch")
    return figure


def _columns(rows: list[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: np.array([_number(row.get(name)) for row in rows]) for name in names}
    columns = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    if columns and "epoch" not in columns:
        columns["epoch"] = np.arange(len(rows), dtype=np.float64)
    return columns


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan  # an empty or a worded cell draws nothing


def _draw_score(ax: Axes, columns: dict[str, np.ndarray], name: str, smoothed: str = "") -> None:
    """Draws a score in training and validation, and smoothed validation with its lowest value where that is logged."""
    lines = {name: ("training", PALETTE[0], 1.0), f"val_{name}": ("validation", PALETTE[1], 1.0)}
    if smoothed in columns:
        lines |= {f"val_{name}": ("validation", PALETTE[1], 0.4), smoothed: ("validation, smoothed", PALETTE[1], 1.0)}
    lines = {key: line for key, line in lines.items() if key in columns}
    for key, (label, color, alpha) in lines.items():
        ax.plot(columns["epoch"], columns[key], color=color, alpha=alpha, label=label, **_style(columns))
    if not lines:
        _not_logged(ax)
        return
    _limit(ax, [columns[key] for key in lines])
    key = next((key for key in (smoothed, f"val_{name}") if key in columns), "")
    if smoothed and key:
        best = int(np.nanargmin(columns[key]))
        epoch, value = columns["epoch"][best], columns[key][best]
        ax.plot(epoch, value, "v", color=INK, markersize=6, label=f"lowest: {value:.4g}, epoch {epoch:g}")
    ax.legend(loc="best")


def _draw_terms(ax: Axes, columns: dict[str, np.ndarray]) -> None:
    names = [name for name in columns if name.startswith(TERMS)]
    if not names:
        _not_logged(ax)
        return
    for name, color in zip(names, colors(len(names)), strict=True):
        ax.plot(columns["epoch"], columns[name], color=color, label=name, **_style(columns))
        if f"val_{name}" in columns:
            ax.plot(
                columns["epoch"], columns[f"val_{name}"], color=color, **_style(columns) | {"linestyle": (0, (3, 1.5))}
            )
    values = np.concatenate([columns[name] for name in names])
    values = values[np.isfinite(values)]
    if values.min() > 0 and values.max() > LOG_RATIO * values.min():
        ax.set_yscale("log")
    ax.legend(loc="best", title="dashed: validation", title_fontsize=7.5)


def _style(columns: dict[str, np.ndarray]) -> dict[str, Any]:
    return {"linewidth": 1.3, "linestyle": "-", "marker": "o" if len(columns["epoch"]) == 1 else None}


def _not_logged(ax: Axes) -> None:
    ax.text(0.5, 0.5, "not logged", transform=ax.transAxes, ha="center", color=MUTED)


def _limit(ax: Axes, curves: list[np.ndarray]) -> None:
    """Lets the first part of the curves run off the top where it would flatten the rest."""
    values = np.concatenate(curves)
    rest = np.concatenate([curve[int(len(curve) * BURN_IN) :] for curve in curves])
    values, rest = values[np.isfinite(values)], rest[np.isfinite(rest)]
    if rest.size and values.max() > rest.max():
        margin = 0.08 * max(rest.max() - rest.min(), 1e-9)
        ax.set_ylim(rest.min() - margin, rest.max() + 4 * margin)


def _draw_schedule(ax: Axes, columns: dict[str, np.ndarray]) -> None:
    epoch = columns["epoch"]
    marker = "o" if len(epoch) == 1 else None
    ramps = [name for name in columns if name.startswith("ramp_")]
    for order, (name, color) in enumerate(zip(ramps, colors(len(ramps)), strict=True)):
        # Ramps often coincide: later ones are thinner, so that none hides another.
        width = 3.4 - 2.2 * order / max(1, len(ramps) - 1)
        ax.plot(epoch, columns[name], color=color, label=name.removeprefix("ramp_"), linewidth=width, marker=marker)
    ax.set_ylim(-0.04, 1.08)
    ax.set_ylabel("Ramp (share of full weight)")
    if ramps:
        ax.legend(loc="center right", title="ramp", title_fontsize=7.5)
    if "learning_rate" in columns:
        twin = ax.twinx()
        twin.plot(epoch, columns["learning_rate"], color=MUTED, linestyle=(0, (1, 1.2)), marker=marker)
        twin.set_yscale("log")
        twin.spines["right"].set_visible(True)
        twin.set_ylabel("Learning rate (dotted)", color="#5c636d")
