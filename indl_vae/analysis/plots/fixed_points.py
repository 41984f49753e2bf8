"""Fixed points among the trajectories, and the eigenvalues of the dynamics around them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from indl_vae.analysis.plots.canvas import INK, MUTED, PALETTE, as_trials, is_blank, message_figure, new_figure, styled
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.principal_components import principal_axes

#: Half the width of the complex plane shown, where no eigenvalue lies farther out.
_RADIUS = 1.08
_STABLE, _UNSTABLE = "o", "X"


@styled
def plot_fixed_points(
    trajectories: Any,
    points: np.ndarray,
    eigenvalues: np.ndarray,
    *,
    bin_width_s: float | None = None,
    n_trials: int = 30,
) -> Figure:
    """Draws fixed points among the trajectories of the generator, and their eigenvalues beside the unit circle.

    A point and its eigenvalues have one colour; circles are stable, crosses have modes that grow. Points beyond the
    eighth are grey.

    Args:
        trajectories: `(B, T, G)`: states that were visited; bins with a NaN are left out.
        points: `(K, G)`; K may be 0.
        eigenvalues: Complex `(K, G)`.
        bin_width_s: Width of a bin in seconds, or None.
        n_trials: Largest number of trials drawn.

    Raises:
        DataError: If `trajectories` has not three axes.
    """
    states = as_trials("trajectories", trajectories)
    if is_blank(states):
        return message_figure("This model has no generator states.")
    points, eigenvalues = np.asarray(points, np.float64), np.asarray(eigenvalues)
    figure = new_figure(4.2)
    plane, circle = figure.subplots(1, 2, width_ratios=(1.1, 1))
    unstable = (np.abs(eigenvalues) > 1).any(axis=1)
    point_colors = [PALETTE[i] if i < len(PALETTE) else MUTED for i in range(len(points))]
    _draw_plane(plane, states[spread_indices(len(states), n_trials)], states, points, unstable, point_colors)
    _draw_circle(circle, eigenvalues, unstable, point_colors, bin_width_s)
    _add_legend(figure, plane, len(points), unstable)
    return figure


def _draw_plane(ax: Axes, shown: np.ndarray, states: np.ndarray, points: np.ndarray, unstable: Any, hues: list) -> None:
    mean, axes, share = principal_axes(states, 2)
    flat = lambda rows: _two_columns((rows - mean) @ axes).T  # noqa: E731
    for trial in shown:
        ax.plot(*flat(trial), color="#b9c0c9", linewidth=0.6, alpha=0.7, zorder=1)
    across, up = flat(shown[:, 0])
    ax.scatter(across, up, color=MUTED, s=6, zorder=2, linewidths=0)
    for index in reversed(range(len(points))):  # the slowest on top
        marker = _UNSTABLE if unstable[index] else _STABLE
        across, up = flat(points[index][None])
        ax.scatter(across, up, color=hues[index], marker=marker, s=70, zorder=3, edgecolors="white", linewidths=0.8)
    names = [f"PC {i + 1} ({100 * s:.0f} % of variance)" for i, s in enumerate(share)]
    names += ["", ""]
    ax.set(title="Fixed points among the trajectories", xlabel=names[0], ylabel=names[1])


def _two_columns(rows: np.ndarray) -> np.ndarray:
    """Returns scores `(n, k)` as `(n, 2)`: zeros stand for components that do not exist."""
    return np.pad(rows, ((0, 0), (0, 2 - rows.shape[1])))


def _draw_circle(ax: Axes, eigenvalues: np.ndarray, unstable: Any, hues: list, bin_width_s: float | None) -> None:
    angle = np.linspace(0, 2 * np.pi, 361)
    ax.plot(np.cos(angle), np.sin(angle), color=INK, linewidth=0.8)
    ax.axhline(0, color="#e3e6ea", linewidth=0.8, zorder=0)
    ax.axvline(0, color="#e3e6ea", linewidth=0.8, zorder=0)
    for index in reversed(range(len(eigenvalues))):
        values, marker = eigenvalues[index], _UNSTABLE if unstable[index] else _STABLE
        style: dict[str, Any] = {"s": 22, "alpha": 0.85, "edgecolors": "white", "linewidths": 0.4, "zorder": 3}
        ax.scatter(values.real, values.imag, color=hues[index], marker=marker, **style)
    reach = max(_RADIUS, 1.05 * float(np.abs(eigenvalues).max(initial=0.0)))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="Real part", ylabel="Imaginary part")
    ax.set_title(f"Eigenvalues; slowest {_slowest(eigenvalues, bin_width_s)}" if eigenvalues.size else "Eigenvalues")


def _slowest(eigenvalues: np.ndarray, bin_width_s: float | None) -> str:
    """Returns the time constant of the slowest mode that falls, as text."""
    moduli = np.abs(eigenvalues)
    falling = moduli[(moduli < 1) & (moduli > 0)]
    if not falling.size:
        return "none"
    bins = -1.0 / np.log(falling.max())
    return f"{bins:.3g} bins" if bin_width_s is None else f"{1e3 * bins * bin_width_s:.3g} ms"


def _add_legend(figure: Figure, ax: Axes, n_points: int, unstable: np.ndarray) -> None:
    entries = [Line2D([], [], color="#b9c0c9", linewidth=1, marker=".", markevery=[0], markerfacecolor=MUTED)]
    labels = ["trial (dot: first bin)"]
    for marker, count, label in (
        (_STABLE, n_points - int(unstable.sum()), "stable"),
        (_UNSTABLE, int(unstable.sum()), "with growing modes"),
    ):
        if count:
            entries.append(Line2D([], [], color=INK, marker=marker, linestyle="none", markersize=7))
            labels.append(f"{count} {label}")
    if not n_points:
        entries.append(Line2D([], [], linestyle="none"))
        labels.append("no fixed point found")
    figure.legend(entries, labels, loc="outside lower left", ncols=3)
