"""Where a latent map takes each point of a plane: its vector field, nullclines, orbits, fixed points and cycles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from indl_vae.analysis.dynamics.cycle import Cycle
from indl_vae.analysis.dynamics.latent_map import LatentMap
from indl_vae.analysis.plots.canvas import INK, MUTED, PALETTE, as_trials, is_blank, message_figure, new_figure, styled
from indl_vae.analysis.plots.phase_plane import PhasePlane, phase_plane
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.errors import DataError

_NULLCLINES = (PALETTE[1], PALETTE[2])
_ORBIT = "#6f7782"
#: Marker and face of each kind of point; the first word of its kind is the key.
_LOOKS = {"stable": ("o", INK), "marginal": ("s", "#c3c8cf"), "saddle": ("X", "white"), "unstable": ("o", "white")}
#: Light enough for arrows upon it.
_LENGTH_COLORS = ListedColormap(colormaps["Purples"](np.linspace(0.0, 0.55, 256)))


@styled
def plot_phase_portrait(
    latent_map: LatentMap,
    orbits: Any,
    *,
    plane: tuple[int, int] | None = None,
    fixed_points: Sequence[Cycle] = (),
    limits: tuple[tuple[float, float], tuple[float, float]] | None = None,
    nullclines: bool = True,
    n_arrows: int = 21,
    n_orbits: int = 20,
) -> Figure:
    """Draws `F(z) - z` over a plane of the latent space, with what was visited and what stands still.

    The colour is the length of the step, the arrows its direction in the plane. On a nullcline one coordinate of the
    plane does not change; of a latent of two dimensions they cross in its fixed points. In more dimensions the others
    are held where the plane lies, at the mean of the orbits, and orbits and points are projected: a point that lies off
    the plane need not stand where the drawn nullclines cross.

    Args:
        latent_map: The map; it runs without inputs.
        orbits: `(B, T, M)` or `(T, M)`: states visited, which say what to show; bins with a NaN are left out.
        plane: Two of the M dimensions, or None: of two dimensions those, of more the plane of the first two principal
            components of the orbits.
        fixed_points: What `find_cycles` found; the points of a cycle of a higher order are joined by lines.
        limits: Range of each axis; None: that of orbits and points, and a margin.
        nullclines: Whether to draw them.
        n_arrows: Arrows in a row.
        n_orbits: Largest number of orbits drawn.

    Raises:
        ConfigError: If `plane` names no two dimensions, or `limits` are no ranges.
        DataError: If orbits have other axes, or points another dimension than orbits.
    """
    states = as_trials("orbits", orbits)
    if is_blank(states):
        return message_figure("No orbits to draw.")
    if states.shape[2] < 2:
        return message_figure("A phase portrait needs two latent dimensions or more.")
    _check_dimensions(fixed_points, states.shape[2])
    view = phase_plane(states, plane, [cycle.points for cycle in fixed_points], limits)
    figure = new_figure(5.2, 6.6)
    ax = figure.add_subplot(xlabel=view.names[0], ylabel=view.names[1])
    entries = _draw_field(figure, ax, latent_map, view, n_arrows, nullclines)
    entries += _draw_orbits(ax, view.project(states[spread_indices(len(states), n_orbits)]))
    entries += _draw_points(ax, view, fixed_points)
    ax.set(xlim=view.limits[0], ylim=view.limits[1])
    figure.legend(*zip(*entries, strict=True), loc="outside lower left", ncols=3)
    return figure


def _check_dimensions(fixed_points: Sequence[Cycle], n_dimensions: int) -> None:
    for cycle in fixed_points:
        if np.shape(cycle.points)[-1] != n_dimensions:
            raise DataError(
                f"fixed_points: expected points of the {n_dimensions} dimensions of `orbits`, got "
                f"{np.shape(cycle.points)[-1]}. Pass orbits and cycles of one map."
            )


def _draw_field(
    figure: Figure, ax: Axes, latent_map: LatentMap, view: PhasePlane, n_arrows: int, nullclines: bool
) -> list[tuple[Any, str]]:
    """Returns handles and labels for the legend."""
    across, up, _, length = view.field(latent_map, 121)
    image = ax.pcolormesh(across, up, length, cmap=_LENGTH_COLORS, shading="gouraud", rasterized=True, vmin=0, zorder=0)
    figure.colorbar(image, ax=ax, label="Length of the step |F(z) - z|", pad=0.02)
    entries = []
    if nullclines:
        across, up, change, _ = view.field(latent_map, 201)
        for index, color in enumerate(_NULLCLINES):
            if np.nanmin(change[..., index]) < 0 < np.nanmax(change[..., index]):
                ax.contour(across, up, change[..., index], levels=[0.0], colors=[color], linewidths=1.5, zorder=2)
                entries.append((Line2D([], [], color=color), f"nullcline of {view.short_names[index]}"))
    across, up, change, _ = view.field(latent_map, n_arrows)
    size = np.linalg.norm(change, axis=-1, keepdims=True)
    unit = change / np.where(size > 0, size, 1.0)
    ax.quiver(across, up, *np.moveaxis(unit, -1, 0), color="#4b5563", angles="uv", width=0.0022, scale=1.4 * n_arrows)
    return entries


def _draw_orbits(ax: Axes, orbits: np.ndarray) -> list[tuple[Any, str]]:
    for orbit in orbits:
        ax.plot(*orbit.T, color=_ORBIT, linewidth=0.8, alpha=0.8, zorder=3)
        ax.plot(*orbit[:1].T, color=_ORBIT, marker=".", markersize=5, linestyle="none", zorder=3)
    return [(Line2D([], [], color=_ORBIT, linewidth=1, marker=".", markevery=[0]), "orbit (dot: first bin)")]


def _draw_points(ax: Axes, view: PhasePlane, cycles: Sequence[Cycle]) -> list[tuple[Any, str]]:
    counts: dict[tuple[str, bool], int] = {}
    for cycle in reversed(cycles):  # the first, stable ones, on top
        kind = cycle.kind.split()[0]
        marker, face = _LOOKS[kind]
        points = view.project(cycle.points)
        is_cycle = len(points) > 1
        if is_cycle:
            ax.plot(*np.concatenate([points, points[:1]]).T, color=INK, linewidth=0.7, linestyle=":", zorder=4)
        size = 34 if is_cycle else 72
        ax.scatter(*points.T, marker=marker, s=size, facecolor=face, edgecolors=INK, linewidths=1.3, zorder=5)
        counts[kind, is_cycle] = counts.get((kind, is_cycle), 0) + 1
    entries: list[tuple[Any, str]] = []
    for (kind, is_cycle), count in sorted(counts.items()):
        marker, face = _LOOKS[kind]
        line = Line2D([], [], color=INK, marker=marker, markerfacecolor=face, markersize=5 if is_cycle else 8)
        line.set_linestyle(":" if is_cycle else "none")
        what = f"{kind} cycle" if is_cycle else ("saddle" if kind == "saddle" else f"{kind} fixed point")
        entries.append((line, f"{count} {what}{'s' if count > 1 else ''}"))
    return entries or [(Line2D([], [], color=MUTED, linestyle="none"), "no fixed point given")]
