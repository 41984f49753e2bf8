"""Training curves from the rows of metrics.csv."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import MUTED, PALETTE, colors, message_figure, new_figure, styled

#: Of the first part of training, this share may run off the top of a panel, so that the rest can be read.
BURN_IN = 0.1


@styled
def plot_training_curves(rows: Iterable[Mapping[str, Any]]) -> Figure:
    """Draws loss, reconstruction, divergences and penalties, and the ramps with the learning rate against the epoch.

    Args:
        rows: One mapping per epoch with the columns of metrics.csv, as numbers or text; empty cells and columns that are
            missing are passed over.
    """
    columns = _columns(list(rows))
    if not columns:
        return message_figure("No epoch has been logged yet.")
    figure = new_figure(5.6)
    axes = figure.subplots(2, 2, sharex=True)
    _draw_pairs(axes[0, 0], columns, ["loss"])
    axes[0, 0].set(title="Loss (with all terms)", ylabel="Loss")
    _draw_pairs(axes[0, 1], columns, ["nll"], extra="val_nll_smoothed")
    axes[0, 1].set(title="Reconstruction", ylabel="NLL (nats per entry)")
    _mark_best(axes[0, 1], columns)
    terms = [name for name in columns if name.startswith("kl_") or name == "l2"]
    _draw_pairs(axes[1, 0], columns, terms, log=True)
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


def _draw_pairs(
    ax: Axes, columns: dict[str, np.ndarray], names: list[str], extra: str | None = None, log: bool = False
) -> None:
    epoch = columns["epoch"]
    marker = "o" if len(epoch) == 1 else None
    shown: list[np.ndarray] = []
    single = len(names) == 1
    for name, color in zip(names, colors(len(names)), strict=True):
        for key, style in ((name, "-"), (f"val_{name}", (0, (3, 1.5)))):
            if key in columns:
                hue = PALETTE[1] if single and key != name else color
                label = ("training" if key == name else "validation") if single else (name if key == name else None)
                line = {"linestyle": "-" if single else style, "alpha": 0.45 if extra in columns and key != name else 1.0}
                ax.plot(epoch, columns[key], color=hue, linewidth=1.3, label=label, marker=marker, **line)
                shown.append(columns[key])
    if extra in columns:
        ax.plot(epoch, columns[extra], color=PALETTE[1], linewidth=1.3, label="validation, smoothed", marker=marker)
    if not shown:
        ax.text(0.5, 0.5, "not logged", transform=ax.transAxes, ha="center", color=MUTED)
        return
    _limit(ax, np.concatenate(shown), [values[int(len(values) * BURN_IN) :] for values in shown], log)
    ax.legend(loc="best", title=None if single else "dashed: validation", title_fontsize=7.5)


def _limit(ax: Axes, values: np.ndarray, later: list[np.ndarray], log: bool) -> None:
    values, rest = values[np.isfinite(values)], np.concatenate(later)
    rest = rest[np.isfinite(rest)]
    if log and values.size and values.min() > 0 and values.max() > 20 * values.min():
        ax.set_yscale("log")
    elif rest.size and values.max() > rest.max():
        margin = 0.08 * max(rest.max() - rest.min(), 1e-9)
        ax.set_ylim(rest.min() - margin, rest.max() + 4 * margin)


def _mark_best(ax: Axes, columns: dict[str, np.ndarray]) -> None:
    values = columns.get("val_nll_smoothed", columns.get("val_nll"))
    if values is None:
        return
    best = int(np.nanargmin(values))
    ax.plot(columns["epoch"][best], values[best], marker="v", color="#1b1f24", markersize=6, linestyle="none",
            label=f"lowest: {values[best]:.4g}, epoch {columns['epoch'][best]:g}")
    ax.legend(loc="best")


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
