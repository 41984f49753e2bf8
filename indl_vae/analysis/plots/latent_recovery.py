"""The true latent state of synthetic data beside its linear reconstruction from the factors."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.linear_recovery import linear_recovery
from indl_vae.analysis.plots.canvas import (
    MODEL,
    TRUTH,
    as_trials,
    is_blank,
    message_figure,
    new_figure,
    styled,
    time_axis,
)
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.plots.space import add_space


@styled
def plot_latent_recovery(
    factors: Any, latent: Any, *, bin_width_s: float | None = None, n_trials: int = 12, name: str = "state"
) -> Figure:
    """Draws the true latent state and what a linear map of the factors makes of it, both in one coordinate system.

    The map is fitted and scored on different trials (`linear_recovery`). Three or more dimensions: the first three are
    shown in space, true left and recovered right; below, every dimension (at most three) over time for one trial.

    Args:
        factors: `(B, T, D)` in arbitrary units.
        latent: `(B, T, L)` true state in its own units.
        bin_width_s: Width of a bin in seconds, or None.
        n_trials: Largest number of trials drawn in space.
        name: What the state is called on the axes.

    Raises:
        DataError: If an array has not three axes, or trials and bins of the two differ.
    """
    factors, latent = as_trials("factors", factors), as_trials("latent", latent)
    if is_blank(factors, latent):
        return message_figure("No factors or no true state to compare.")
    found = linear_recovery(factors, latent)
    n_shown = min(3, latent.shape[2])
    spatial = latent.shape[2] >= 3 and latent.shape[1] > 1
    figure = new_figure((3.6 if spatial else 0.4) + 0.5 + 1.0 * n_shown)
    if spatial:
        top, bottom = figure.subfigures(2, 1, height_ratios=(3.6, 0.5 + 1.0 * n_shown))
        _draw_space(top, latent, found.prediction, spread_indices(len(latent), n_trials), name)
    else:
        bottom = figure.subfigures(1, 1)
    _draw_time(bottom, latent, found.prediction, found.r2_per_dim, bin_width_s, n_shown, name)
    return figure


def _draw_space(figure: Any, latent: np.ndarray, prediction: np.ndarray, picked: list[int], name: str) -> None:
    shown = latent[picked][..., :3].reshape(-1, 3)
    low, high = np.nanmin(shown, axis=0), np.nanmax(shown, axis=0)
    panels = ((latent, TRUTH, f"True {name}"), (prediction, MODEL, f"Recovered {name}"))
    for column, (values, color, title) in enumerate(panels):
        ax = add_space(figure, (0.48 * column, 0.04, 0.44, 0.9), ("dim 0", "dim 1", "dim 2"))
        for trial in picked:
            ax.plot(*values[trial, :, :3].T, color=color, linewidth=0.9, alpha=0.75)
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), zlim=(low[2], high[2]))
        figure.text(0.01 + 0.48 * column, 0.95, title, fontsize=10, fontweight="bold")


def _draw_time(
    figure: Any,
    latent: np.ndarray,
    prediction: np.ndarray,
    scores: np.ndarray,
    bin_width_s: float | None,
    n_shown: int,
    name: str,
) -> None:
    axes = figure.subplots(n_shown, 1, sharex=True, squeeze=False)[:, 0]
    trial = len(latent) // 2
    time, label = time_axis(latent.shape[1], bin_width_s)
    marker = "o" if len(time) == 1 else None
    for index, ax in enumerate(axes):
        ax.plot(
            time,
            latent[trial, :, index],
            color=TRUTH,
            linewidth=1.3,
            linestyle=(0, (4, 1.5)),
            label="true",
            marker=marker,
        )
        ax.plot(time, prediction[trial, :, index], color=MODEL, label="recovered", marker=marker)
        ax.set_title(
            f"dim {index}:  R² = {scores[index]:.3f} over all trials", fontsize=8.5, fontweight="normal", pad=2
        )
    axes[0].legend(loc="upper right", ncols=2, bbox_to_anchor=(1.0, 1.45), borderaxespad=0)
    axes[-1].set_xlabel(f"{label}, trial {trial}")
    figure.supylabel(f"{name.capitalize()} (own units)", fontsize=9)
