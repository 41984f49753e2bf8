"""Discrete states of trials, over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from indl_vae.analysis.plots.canvas import as_trials, colors, is_blank, message_figure, new_figure, styled, time_axis
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.regions.matched_states import matched_states
from indl_vae.errors import DataError


@styled
def plot_states(
    probs: Any,
    true: Any = None,
    *,
    lengths: Any = None,
    bin_width_s: float | None = None,
    n_trials: int = 60,
) -> Figure:
    """Draws the states of trials as a raster: a colour for each, mixed by their probabilities, white beyond a trial.

    True states are drawn beside them; those that were found have the colours of the true ones they match best.

    Args:
        probs: `(B, T, K)`: probabilities of states.
        true: `(B, T)` or `(B, T, 1)`: numbers of true states, or None.
        lengths: `(B,)`: bins of each trial, or None.
        bin_width_s: Width of a bin in seconds, or None.
        n_trials: Largest number of trials drawn, evenly spread over those there are.

    Raises:
        DataError: `probs` has not three axes, or `true` other trials or bins.
    """
    probs = as_trials("probs", probs)
    if is_blank(probs):
        return message_figure("No discrete states to draw.")
    picked = spread_indices(len(probs), n_trials)
    shown, names = np.nan_to_num(probs), list(range(probs.shape[2]))
    panels = {"Found": shown}
    if true is not None:
        labels = np.asarray(true).reshape(*np.shape(true)[:2]).astype(int)
        if labels.shape != probs.shape[:2]:
            raise DataError(f"true: expected trials and bins of `probs`, {probs.shape[:2]}, got {labels.shape}.")
        names = _matched(shown, labels, lengths)
        panels = {"True": np.eye(labels.max() + 1)[labels], "Found": shown}
    palette = np.array([to_rgb(color) for color in colors(1 + max(*names, *(p.shape[2] - 1 for p in panels.values())))])
    figure = new_figure(3.4)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        own = palette[names] if title == "Found" else palette[: values.shape[2]]
        _draw(ax, values[picked], own, None if lengths is None else np.asarray(lengths)[picked], bin_width_s)
        ax.set_title(title)
    axes[0].set_ylabel("Trial")
    patches = [Patch(color=palette[name], label=str(name)) for name in sorted(set(names))]
    figure.legend(handles=patches, loc="outside right upper", title="State")
    return figure


def _matched(probs: np.ndarray, labels: np.ndarray, lengths: Any) -> list[int]:
    """Returns the number of the true state that each found one is drawn as; those beyond them get the next numbers."""
    states = probs.argmax(-1)
    renamed = matched_states(states, labels, lengths)
    names = {int(state): int(renamed[states == state][0]) for state in np.unique(states)}
    free = iter(n for n in range(probs.shape[2] + labels.max() + 1) if n not in names.values())
    return [names[k] if k in names else next(free) for k in range(probs.shape[2])]


def _draw(ax: Axes, values: np.ndarray, palette: np.ndarray, lengths: Any, bin_width_s: float | None) -> None:
    image = np.clip(values @ palette, 0.0, 1.0)
    n_bins = values.shape[1]
    if lengths is not None:
        image[np.arange(n_bins) >= np.asarray(lengths)[:, None]] = 1.0
    width = bin_width_s or 1.0
    left = 0.0 if bin_width_s else -0.5
    extent = (left, left + n_bins * width, len(values) - 0.5, -0.5)
    ax.imshow(image, aspect="auto", interpolation="nearest", extent=extent)
    ax.set_xlabel(time_axis(n_bins, bin_width_s)[1])
