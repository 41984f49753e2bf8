"""Sequences decoded from f of one sequence and z of another, in a grid with the donors at its edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    MUTED,
    WIDTH,
    as_trials,
    is_blank,
    label_text,
    message_figure,
    new_figure,
    rate_unit,
    styled,
    time_axis,
)
from indl_vae.analysis.plots.raster import spread_indices
from indl_vae.analysis.plots.rate_map import draw_map, map_look, unit_label
from indl_vae.errors import DataError

#: Share of a cell that separates the donors from the grid.
GAP = 0.12


@styled
def plot_swaps(
    f_donors: Any,
    z_donors: Any,
    swapped: Any,
    *,
    f_labels: Sequence[Any] | None = None,
    z_labels: Sequence[Any] | None = None,
    bin_width_s: float | None = None,
    counts: bool = True,
    n_donors: int = 5,
    n_frames: int = 4,
) -> Figure:
    """Draws a grid: rows have f of one donor, columns z of another; first row and column are the donors themselves.

    Where f and z are apart, a row shares what is static, and a column what happens when. Rates are heat maps, channels
    by bins, all in one colour scale; images are film strips of a few frames.

    Args:
        f_donors: `(F, T, N)` rates of the sequences that f is taken of, or `(F, T, H, W, C)` images with entries from 0
            to 1 and 1 or 3 colours.
        z_donors: `(G, T, N)` or `(G, T, H, W, C)`: those that z is taken of.
        swapped: `(F, G, T, N)` or `(F, G, T, H, W, C)` decoded sequences.
        f_labels: F names of the donors' static labels, or None for their numbers.
        z_labels: G names of the donors' dynamic labels, or None.
        bin_width_s: Width of a bin in seconds, or None.
        counts: Whether rates are expected counts per bin; else they are in the data's own unit.
        n_donors: Largest number of donors drawn of each side, the first ones.
        n_frames: Number of frames of a film strip, evenly spread.

    Raises:
        DataError: If an array has other axes, or `swapped` has not a sequence for every pair of donors.
    """
    f_donors, z_donors = _donors("f_donors", f_donors), _donors("z_donors", z_donors)
    swapped = _pairs(swapped, f_donors, z_donors)
    if is_blank(f_donors, z_donors, swapped):
        return message_figure("No swapped sequences to draw.")
    names = [_names(labels, donors)[:n_donors] for labels, donors in ((f_labels, f_donors), (z_labels, z_donors))]
    shown = f_donors[:n_donors], z_donors[:n_donors], swapped[:n_donors, :n_donors]
    if f_donors.ndim == 5:
        return _draw_grid(_FilmStrips(bin_width_s, n_frames), *shown, *names)
    factor, unit = rate_unit(bin_width_s, counts)
    donors, others, pairs = (values * factor for values in shown)
    return _draw_grid(_Maps((donors, others, pairs), bin_width_s, unit), donors, others, pairs, *names)


def _donors(name: str, array: Any) -> np.ndarray:
    values = np.asarray(array, dtype=np.float64)
    if values.ndim != 5:
        return as_trials(name, values)
    if values.shape[-1] not in (1, 3):
        raise DataError(
            f"{name}: expected images (sequences, bins, height, width, colours) of 1 or 3 colours, got {values.shape}."
        )
    return values


def _pairs(swapped: Any, f_donors: np.ndarray, z_donors: np.ndarray) -> np.ndarray:
    swapped = np.asarray(swapped, dtype=np.float64)
    if f_donors.shape[1:] != z_donors.shape[1:]:
        raise DataError(
            f"f_donors and z_donors: expected sequences of one shape, got {f_donors.shape[1:]} and "
            f"{z_donors.shape[1:]}. Give sequences of the same bins and channels."
        )
    if swapped.shape != (len(f_donors), *z_donors.shape):
        raise DataError(
            "swapped: expected a sequence for every pair of an f donor (first axis) and a z donor (second), of shape "
            f"{(len(f_donors), *z_donors.shape)}, got {swapped.shape}."
        )
    return swapped


def _names(labels: Sequence[Any] | None, donors: np.ndarray) -> list[str]:
    values = list(range(len(donors)) if labels is None else labels)
    if len(values) != len(donors):
        raise DataError(f"labels: expected a name for each of the {len(donors)} donors, got {len(values)}.")
    return [label_text(value) for value in values]


class _Maps:
    """Draws sequences `(T, N)` as heat maps in one colour scale."""

    def __init__(self, arrays: tuple[np.ndarray, ...], bin_width_s: float | None, unit: str):
        self.bin_width_s, self._unit = bin_width_s, unit
        self._image: Any = None
        self._look = map_look(np.concatenate([array.ravel() for array in arrays]))

    def cell_height(self, width: float, shape: tuple[int, ...]) -> float:
        return min(1.15, 0.9 * width)

    def draw(self, ax: Axes, values: np.ndarray) -> None:
        self._image = draw_map(ax, values, self._look, self.bin_width_s)

    def finish(self, figure: Figure, axes: list[Axes], left: list[Axes]) -> None:
        for ax in left:
            ax.set_ylabel(f"{ax.get_ylabel()}\nChannel")
        bar = figure.colorbar(
            self._image, ax=axes, fraction=0.03, pad=0.015, extend="both" if self._look["vmin"] < 0 else "max"
        )
        bar.set_label(unit_label(self._unit))


class _FilmStrips:
    """Draws sequences of images `(T, H, W, C)` as a few frames side by side."""

    def __init__(self, bin_width_s: float | None, n_frames: int):
        self.bin_width_s, self._n_frames = bin_width_s, n_frames

    def cell_height(self, width: float, shape: tuple[int, ...]) -> float:
        n_frames = len(spread_indices(shape[0], self._n_frames))
        return width * shape[1] / (n_frames * (shape[2] + 1))

    def draw(self, ax: Axes, values: np.ndarray) -> None:
        picked = spread_indices(len(values), self._n_frames)
        frames = np.broadcast_to(np.nan_to_num(values[picked], nan=0.5), (*values[picked].shape[:3], 3)).clip(0, 1)
        # A column of white after each frame but the last.
        strip = np.concatenate([np.pad(f, ((0, 0), (0, 1), (0, 0)), constant_values=1.0) for f in frames], axis=1)
        ax.imshow(strip[:, :-1], aspect="equal", interpolation="nearest")
        time, _ = time_axis(len(values), self.bin_width_s)
        step = values.shape[2] + 1
        middles = np.arange(len(picked)) * step + (step - 2) / 2
        ax.set_xticks(middles, [f"{time[index]:.2g}" for index in picked])
        ax.set_yticks([])

    def finish(self, figure: Figure, axes: list[Axes], left: list[Axes]) -> None:
        """Names rows upright: strips are too low for names on their side."""
        for ax in left:
            ax.yaxis.label.set(rotation=0, ha="right", va="center")


def _draw_grid(
    look: _Maps | _FilmStrips,
    f_donors: np.ndarray,
    z_donors: np.ndarray,
    swapped: np.ndarray,
    f_names: list[str],
    z_names: list[str],
) -> Figure:
    n_rows, n_columns = swapped.shape[:2]
    height = look.cell_height((WIDTH - 1.2) / (n_columns + 1), swapped.shape[2:])
    figure = new_figure(0.9 + (height + 0.08) * (n_rows + 1 + GAP))
    grid = figure.add_gridspec(
        n_rows + 2, n_columns + 2, width_ratios=(1, GAP, *[1] * n_columns), height_ratios=(1, GAP, *[1] * n_rows)
    )
    _corner(figure.add_subplot(grid[0, 0]))
    top = [figure.add_subplot(grid[0, 2 + column]) for column in range(n_columns)]
    left = [figure.add_subplot(grid[2 + row, 0]) for row in range(n_rows)]
    inner = [[figure.add_subplot(grid[2 + row, 2 + column]) for column in range(n_columns)] for row in range(n_rows)]
    cells = [*zip(top, z_donors, strict=True), *zip(left, f_donors, strict=True)]
    cells += [(inner[row][column], swapped[row, column]) for row in range(n_rows) for column in range(n_columns)]
    for ax, values in cells:
        look.draw(ax, values)
        ax.tick_params(labelleft=ax in left, labelbottom=ax in (left[-1], *inner[-1]), length=2)
    for ax in (left[-1], *inner[-1]):
        ax.set_xlabel(time_axis(1, look.bin_width_s)[1])
    for ax, name in zip(top, z_names, strict=True):
        ax.set_title(f"z of {name}")
    for ax, name in zip(left, f_names, strict=True):
        ax.set_ylabel(f"f of {name}")
    look.finish(figure, [ax for ax, _ in cells], left)
    return figure


def _corner(ax: Axes) -> None:
    """Says in the empty corner what rows and columns are."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, "f from the left,\nz from above", ha="center", va="center", color=MUTED, fontsize=8)
