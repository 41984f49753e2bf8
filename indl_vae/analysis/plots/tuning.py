"""What each class of neurons does as a behaviour, or a latent, changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from indl_vae.analysis.plots.canvas import INK, MODEL, MUTED, is_blank, message_figure, new_figure, styled
from indl_vae.errors import DataError


@styled
def plot_tuning(
    values: Any,
    expected: Any,
    observed: Any = None,
    *,
    names: Sequence[str] | None = None,
    behavior: str = "Behaviour",
    n_classes: int = 8,
) -> Figure:
    """Draws all classes as a map, in the order of their change, and those that change most as curves.

    Args:
        values: `(S,)`: values of the behaviour.
        expected: `(S, M)`: expected values of M classes of neurons.
        observed: `(S, M)`: mean activity in the data near these values, NaN where there is none; or None.
        names: Of the classes; their numbers by default.
        behavior: What changes, with its unit.
        n_classes: Largest number of classes drawn as curves.

    Raises:
        DataError: `expected` has not two axes, or shapes do not go together.
    """
    values, expected = np.asarray(values, np.float64), np.asarray(expected, np.float64)
    seen = np.full(expected.shape, np.nan) if observed is None else np.asarray(observed, np.float64)
    if expected.ndim != 2 or values.shape != expected.shape[:1] or seen.shape != expected.shape:
        raise DataError(
            "values, expected, observed: expected arrays (values,), (values, classes) and the same, got shapes "
            f"{values.shape}, {expected.shape} and {seen.shape}."
        )
    if is_blank(values, expected):
        return message_figure("No tuning to draw.")
    change = expected - expected.mean(0)
    order = np.argsort(change[-1] - change[0], kind="stable")
    label = [str(i) if names is None else str(names[i]) for i in range(len(order))]
    most = np.argsort(-np.abs(np.ptp(expected, axis=0)), kind="stable")[:n_classes]
    figure = new_figure(3.0 if len(most) <= 4 else 3.8)
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.9))
    _draw_map(left, values, change[:, order], [label[i] for i in order], behavior)
    _draw_curves(right, values, expected[:, most], seen[:, most], [label[i] for i in most], behavior)
    return figure


def _draw_map(figure: SubFigure, values: np.ndarray, change: np.ndarray, names: list[str], behavior: str) -> None:
    ax = figure.subplots()
    limit = max(float(np.nanmax(np.abs(change))), 1e-9)
    half = 0.5 * (values[-1] - values[0]) / max(len(values) - 1, 1) or 0.5
    extent = (values[0] - half, values[-1] + half, len(names) - 0.5, -0.5)
    look: dict[str, Any] = {"aspect": "auto", "cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "extent": extent}
    image = ax.imshow(change.T, interpolation="nearest", **look)
    ax.set(title="All classes", xlabel=behavior, ylabel="Class, by its change")
    step = max(1, len(names) // 12)
    ax.set_yticks(range(0, len(names), step), names[::step], fontsize=7)
    figure.colorbar(image, ax=ax, label="Expected change", location="top", aspect=30)


def _draw_curves(
    figure: SubFigure, values: np.ndarray, expected: np.ndarray, seen: np.ndarray, names: list[str], behavior: str
) -> None:
    n = len(names)
    axes = figure.subplots(1 if n <= 4 else 2, min(n, 4) if n <= 4 else -(-n // 2), sharex=True, squeeze=False)
    for ax in axes.flat[n:]:
        ax.set_axis_off()
    for ax, told, data, name in zip(axes.flat, expected.T, seen.T, names, strict=False):
        _curve(ax, values, told, data)
        ax.set_title(name, fontsize=8.5, pad=2)
    figure.supxlabel(behavior, fontsize=9.5)
    figure.supylabel("Expected activity", fontsize=9)
    if np.isfinite(seen).any():
        figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, fontsize=8)


def _curve(ax: Axes, values: np.ndarray, told: np.ndarray, data: np.ndarray) -> None:
    ax.axhline(0.0, color=MUTED, linewidth=0.6)
    if np.isfinite(data).any():
        ax.plot(values, data, "o", color=INK, markersize=2.5, label="data")
    ax.plot(values, told, color=MODEL, label="model", marker="o" if len(values) == 1 else None)
