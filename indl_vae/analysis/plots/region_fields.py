"""Trajectories of regions on the vector fields of their dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import MODEL, TRUTH, as_trials, new_figure, styled
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.regions.field import Field
from indl_vae.errors import DataError


@styled
def plot_region_fields(
    fields: Sequence[Sequence[Field]],
    paths: Any,
    states: Any = None,
    *,
    true: Any = None,
    regions: Sequence[str] | None = None,
    n_trials: int = 12,
) -> Figure:
    """Draws for each region (rows) and state (columns) the field, and upon it the steps that the state rules.

    Arrows have one length and are coloured by how far a step goes; dots are the first bins.

    Args:
        fields: R sequences of K fields, of `region_field`.
        paths: `(B, T, 2 R)`: latents in the coordinates of the fields.
        states: `(B, T)`: the state of the step to each bin; None if there is one.
        true: `(B, T, 2 R)`: true latents, drawn thin and dark beneath, or None.
        regions: Names of the regions.
        n_trials: Largest number of trials drawn.

    Raises:
        DataError: Widths, trials or bins do not fit.
    """
    paths = as_trials("paths", paths)
    n_regions, n_states = len(fields), len(fields[0])
    if paths.shape[2] != 2 * n_regions:
        raise DataError(f"paths: expected 2 latents of each of {n_regions} regions, got {paths.shape[2]} in all.")
    labels = np.zeros(paths.shape[:2], int) if states is None else np.asarray(states)
    beneath = None if true is None else as_trials("true", true)
    if labels.shape != paths.shape[:2] or (beneath is not None and beneath.shape != paths.shape):
        raise DataError(f"states, true: expected trials and bins of `paths`, {paths.shape[:2]}.")
    picked = spread_indices(len(paths), n_trials)
    figure = new_figure(0.5 + 3.1 * n_regions, 1.4 + 3.3 * n_states)
    axes = figure.subplots(n_regions, n_states, squeeze=False, sharex="row", sharey="row")
    for (region, state), ax in np.ndenumerate(axes):
        own = slice(2 * region, 2 * region + 2)
        arrows = _arrows(ax, fields[region][state])
        ruled = labels[picked][:, 1:] == state
        if beneath is not None:
            _lines(ax, beneath[picked][..., own], ruled, color=TRUTH, linewidths=1.6, alpha=0.35, label="true")
        _lines(ax, paths[picked][..., own], ruled, color=MODEL, linewidths=0.9, label="found")
        ax.plot(*paths[picked, 0, own].T, ".", color=MODEL, markersize=5)
        name = f"region {region}" if regions is None else regions[region]
        ax.set_title(name + (f", state {state}" if n_states > 1 else ""))
        figure.colorbar(arrows, ax=ax, label="Length of a step", fraction=0.05)
    for ax in axes[:, 0]:
        ax.set_ylabel("Latent 1")
    for ax in axes[-1]:
        ax.set_xlabel("Latent 0")
    if beneath is not None:
        axes[0, 0].legend(loc="upper left", frameon=True, framealpha=0.8)
    return figure


def _arrows(ax: Axes, field: Field) -> Any:
    length = np.linalg.norm(field.steps, axis=-1)
    unit = field.steps / np.maximum(length, 1e-12)[..., None]
    return ax.quiver(
        *np.moveaxis(field.points, -1, 0), *np.moveaxis(unit, -1, 0), length, cmap="YlOrBr", pivot="mid", scale=26
    )


def _lines(ax: Axes, paths: np.ndarray, ruled: np.ndarray, label: str, **look: Any) -> None:
    steps = np.stack([paths[:, :-1], paths[:, 1:]], 2)[ruled]
    ax.add_collection(LineCollection(list(steps[np.isfinite(steps).all((1, 2))]), **look), autolim=False)
    ax.plot([], [], color=look["color"], label=label)
