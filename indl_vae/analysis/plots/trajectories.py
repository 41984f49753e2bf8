"""Population trajectories: the first three principal components of the factors."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d.art3d import Line3DCollection

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
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.plots.space import add_space
from indl_vae.analysis.principal_components import principal_components


@styled
def plot_trajectories(
    factors: Any,
    *,
    condition: np.ndarray | None = None,
    bin_width_s: float | None = None,
    n_trials: int = 40,
    name: str = "Factor",
) -> Figure:
    """Draws factors in the space of their first three principal components.

    With condition labels, the average of each condition is a line in its colour over thin single trials; without,
    single trials are coloured by time. A dot marks the first bin. Fewer than three factors are drawn in a plane, and a
    single one over time.

    Args:
        factors: `(B, T, D)` in arbitrary units; bins with a NaN are left out of the fit.
        condition: `(B,)` labels, or None.
        bin_width_s: Width of a bin in seconds, or None.
        n_trials: Largest number of single trials drawn; half as many without labels.
        name: What one dimension is called.

    Raises:
        DataError: If `factors` has not three axes.
    """
    factors = as_trials("factors", factors)
    if is_blank(factors):
        return message_figure("This model has no factors.")
    scores, share = principal_components(factors, 3)
    groups = condition_groups(condition, len(factors))
    time, time_label = time_axis(factors.shape[1], bin_width_s)
    names = [f"PC {i + 1} ({100 * s:.0f} %)" for i, s in enumerate(share)]
    if scores.shape[2] == 1:
        scores = np.concatenate([np.broadcast_to(time[None, :, None], scores.shape), scores], axis=2)
        names = [time_label, *names]
    figure = new_figure(4.8)
    if scores.shape[2] == 3:
        figure.set_layout_engine("none")
        ax = add_space(figure, (0.0, 0.05, 0.82, 0.88), names, zoom=1.2)
    else:
        ax = figure.add_subplot(xlabel=names[0], ylabel=names[1])
    if len(groups) > 1:
        _draw_conditions(ax, scores, groups, n_trials)
        handles, labels = ax.get_legend_handles_labels()
        columns = 1 + len(groups) // 16
        figure.legend(handles, labels, loc="center right", title="Condition\n(dot: first bin)", ncols=columns)
    else:
        lines = _draw_by_time(ax, scores[spread_indices(len(scores), n_trials // 2)], time)
        place = {"cax": figure.add_axes((0.88, 0.2, 0.02, 0.6))} if scores.shape[2] == 3 else {"ax": ax}
        figure.colorbar(lines, label=f"{time_label}; dot: first bin", **place)
    ax.autoscale_view()
    figure.suptitle(f"Principal components of the {name.lower()}s (share of variance)", x=0.01, ha="left", fontsize=9.5)
    return figure


def _draw_conditions(ax: Any, scores: np.ndarray, groups: list[Group], n_trials: int) -> None:
    for group in groups:
        for trial in group.indices[: max(1, n_trials // len(groups))]:
            ax.plot(*scores[trial].T, color=group.color, alpha=0.25, linewidth=0.6)
        mean, _ = mean_and_spread(scores[group.indices])
        ax.plot(*mean.T, color=group.color, linewidth=2.2, label=group.label)
        ax.scatter(*mean[:1].T, color=group.color, s=22, zorder=5)


def _draw_by_time(ax: Any, scores: np.ndarray, time: np.ndarray) -> Any:
    steps = np.stack([scores[:, :-1], scores[:, 1:]], axis=2).reshape(-1, 2, scores.shape[2])
    values = np.tile(time[:-1], len(scores))
    kind, add = (Line3DCollection, "add_collection3d") if scores.shape[2] == 3 else (LineCollection, "add_collection")
    lines = kind(list(steps), cmap="viridis", linewidths=1.0, alpha=0.85)
    lines.set_array(values)
    lines.set_clim(time[0], time[-1] if len(time) > 1 else time[0] + 1)
    if len(steps):
        getattr(ax, add)(lines)
    ax.scatter(*scores[:, 0].T, color="#440154", s=16)
    return lines
