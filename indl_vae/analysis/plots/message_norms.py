"""How much regions tell one another, over time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    condition_groups,
    is_blank,
    mean_and_spread,
    message_figure,
    new_figure,
    styled,
    time_axis,
)
from indl_vae.errors import DataError

#: Letters in a line of a label, and the colour behind what regions tell themselves.
_LETTERS, _ITSELF = 18, "#f1f3f5"


@styled
def plot_message_norms(
    norms: Any,
    *,
    regions: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    condition: np.ndarray | None = None,
    bin_width_s: float | None = None,
) -> Figure:
    """Draws a grid of the lengths of messages: rows receive, columns send; means over trials with standard errors.

    Each row has an axis of its own, as messages are steps in the latents of the one who receives them; what a region
    tells itself is shaded. The first bin, into which there is no step, is left out.

    Args:
        norms: `(B, T, R, R + L)` of `message_norms`: to a region from each region and then each input.
        regions: Names of the R regions.
        inputs: Names of the L inputs.
        condition: `(B,)` labels, or None.
        bin_width_s: Width of a bin in seconds, or None.

    Raises:
        DataError: `norms` has not four axes, or there are names too few.
    """
    values = np.asarray(norms, dtype=np.float64)
    if values.ndim != 4:
        raise DataError(
            f"norms: expected an array of shape (trials, bins, receivers, senders), got shape {values.shape}. "
            "Give what message_norms returns."
        )
    n_regions, n_senders = values.shape[2:]
    if is_blank(values[:, 1:]):
        return message_figure("No messages to draw.")
    rows = _names(regions, n_regions, "regions", "region {}")
    columns = [*rows, *_names(inputs, max(n_senders - n_regions, 0), "inputs", "input {}")][:n_senders]
    time, label = time_axis(values.shape[1], bin_width_s)
    groups = condition_groups(condition, len(values))
    figure = new_figure(0.9 + 1.35 * n_regions, 1.2 + 1.9 * n_senders)
    axes = figure.subplots(n_regions, n_senders, sharex=True, sharey="row", squeeze=False)
    for (row, column), ax in np.ndenumerate(axes):
        _draw(ax, time[1:], values[:, 1:, row, column], groups)
        if row == column:
            ax.set_facecolor(_ITSELF)
    for ax, name in zip(axes[0], columns, strict=True):
        ax.set_title(textwrap.fill(f"from {name}", _LETTERS), fontsize=8.5)
    for ax, name in zip(axes[:, 0], rows, strict=True):
        ax.set_ylabel(textwrap.fill(f"to {name}", _LETTERS) + "\nLength", fontsize=8.5)
        ax.set_ylim(bottom=0)
    for ax in axes[-1]:
        ax.set_xlabel(label)
    if len(groups) > 1:
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right upper", title="Condition")
    return figure


def _draw(ax: Axes, time: np.ndarray, values: np.ndarray, groups: Sequence[Any]) -> None:
    for group in groups:
        mean, error = mean_and_spread(values[group.indices])
        ax.fill_between(time, mean - error, mean + error, color=group.color, alpha=0.25, linewidth=0)
        ax.plot(time, mean, color=group.color, label=group.label, marker="." if len(time) == 1 else None)


def _names(given: Sequence[str] | None, n: int, argument: str, pattern: str) -> list[str]:
    if given is None:
        return [pattern.format(i) for i in range(n)]
    if len(given) != n:
        raise DataError(f"{argument}: expected {n} names, got {len(given)}.")
    return [str(name) for name in given]
