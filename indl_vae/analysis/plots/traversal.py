"""Decoded rates while one dimension of a latent goes from low to high."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from indl_vae.analysis.plots.canvas import is_blank, message_figure, new_figure, rate_unit, styled, time_axis
from indl_vae.analysis.plots.rate_map import draw_map, map_look, unit_label
from indl_vae.errors import DataError

_NOTE: dict[str, Any] = {
    "ha": "right",
    "va": "top",
    "fontsize": 7.5,
    "bbox": {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
}


@styled
def plot_traversal(
    decoded: Any,
    steps: Sequence[float] = (-2.0, -1.0, 0.0, 1.0, 2.0),
    *,
    latent: str = "f",
    bin_width_s: float | None = None,
    counts: bool = True,
    n_dimensions: int = 6,
) -> Figure:
    """Draws rates for each step of each dimension, and beside them what changes from the first step to the last.

    With more than `n_dimensions`, those that change the rates most are drawn, in the order of their change.

    Args:
        decoded: `(D, S, T, N)` rates: dimension d at step s, the other dimensions at their mean.
        steps: S values of the dimension, in standard deviations from its mean.
        latent: Name of the latent, for labels.
        bin_width_s: Width of a bin in seconds, or None.
        counts: Whether rates are expected counts per bin; else they are in the data's own unit.
        n_dimensions: Largest number of dimensions drawn.

    Raises:
        DataError: If `decoded` has not four axes, or its second is not as long as `steps`.
    """
    values = _checked(decoded, steps)
    if is_blank(values):
        return message_figure("No traversal to draw.")
    factor, unit = rate_unit(bin_width_s, counts)
    values = values * factor
    change = values[:, -1] - values[:, 0]
    size = np.sqrt(np.nansum(change**2, axis=(1, 2)) / np.maximum(np.isfinite(change).sum(axis=(1, 2)), 1))
    order = np.argsort(-size, kind="stable")[:n_dimensions]
    figure = new_figure(1.0 + 1.15 * len(order))
    axes = figure.subplots(len(order), len(steps) + 1, sharex=True, sharey=True, squeeze=False)
    rates, difference = _draw_maps(axes, values[order], change[order], bin_width_s)
    for row, dimension in zip(axes, order, strict=True):
        row[0].set_ylabel(f"{latent} {dimension}\nChannel")
        row[-1].text(0.97, 0.95, f"rms {size[dimension]:.2g}", transform=row[-1].transAxes, **_NOTE)
    _label(axes, steps, bin_width_s)
    bar: dict[str, Any] = {"location": "bottom", "fraction": 0.2 / len(order), "pad": 0.02}
    figure.colorbar(rates, ax=list(axes[:, :-1].flat), label=unit_label(unit), aspect=45, **bar)
    label, ticks = unit_label(unit, change=True), MaxNLocator(2)
    figure.colorbar(difference, ax=list(axes[:, -1]), label=label, aspect=9, ticks=ticks, **bar)
    if len(order) < len(values):
        text = f"The {len(order)} dimensions of {latent} that change the rates most, of {len(values)}"
        figure.suptitle(text, x=0.01, ha="left", fontsize=9)
    return figure


def _draw_maps(axes: np.ndarray, values: np.ndarray, change: np.ndarray, bin_width_s: float | None) -> tuple[Any, Any]:
    """Returns one image of rates and one of changes, for the colour bars."""
    looks = map_look(values), map_look(change, signed=True)
    for row, rates, difference in zip(axes, values, change, strict=True):
        for ax, one in zip(row[:-1], rates, strict=True):
            draw_map(ax, one, looks[0], bin_width_s)
        draw_map(row[-1], difference, looks[1], bin_width_s)
    return axes[0, 0].images[0], axes[0, -1].images[0]


def _checked(decoded: Any, steps: Sequence[float]) -> np.ndarray:
    values = np.asarray(decoded, dtype=np.float64)
    if values.ndim != 4:
        raise DataError(
            "decoded: expected an array of shape (latent dimensions, steps, bins, channels), got shape "
            f"{values.shape}. Decode every step of every dimension."
        )
    if values.shape[1] != len(steps) or len(steps) < 2:
        raise DataError(
            f"decoded: expected 2 or more steps, as many as there are in `steps` ({len(steps)}), got {values.shape[1]}."
        )
    return values


def _label(axes: np.ndarray, steps: Sequence[float], bin_width_s: float | None) -> None:
    for ax, step in zip(axes[0, :-1], steps, strict=True):
        ax.set_title("mean" if step == 0 else f"{_signed(step)} sd", fontsize=9.5)
    axes[0, -1].set_title(f"{_signed(steps[0])} to {_signed(steps[-1])} sd", fontsize=9.5)
    for ax in axes[-1]:
        ax.set_xlabel(time_axis(1, bin_width_s)[1])


def _signed(step: float) -> str:
    return f"{step:+g}".replace("-", "\N{MINUS SIGN}")
