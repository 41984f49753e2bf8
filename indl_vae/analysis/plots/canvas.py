"""The look that all figures share: canvas, colours, units, groups of trials. No pyplot, so no global state."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from indl_vae.errors import DataError

#: Colours told apart by readers with any colour vision (Okabe and Ito, 2008).
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B4C9A", "#8C564B")
INK, MUTED, MODEL, TRUTH, DATA = "#1b1f24", "#8a919b", "#0072B2", "#1b1f24", "#9aa1ab"
#: Width of a figure in inches; reports show it at the width of the page.
WIDTH = 8.0
MAX_GROUPS = 24

STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#5c636d",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": "#3d434b",
    "ytick.color": "#3d434b",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
}

F = TypeVar("F", bound=Callable[..., Any])


class Group(NamedTuple):
    """Trials drawn in one colour: the label, their indices and the colour."""

    label: str
    indices: np.ndarray
    color: str


def styled(function: F) -> F:
    """Draws under the house style, whatever the caller's matplotlib settings are."""

    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        with matplotlib.rc_context(STYLE):
            return function(*args, **kwargs)

    return inner  # type: ignore[return-value]


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Returns an empty figure of `width` x `height` inches with an Agg canvas of its own."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


@styled
def message_figure(text: str) -> Figure:
    """Returns a small figure that says why there is nothing to draw."""
    figure = new_figure(1.2)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=MUTED)
    return figure


@styled
def to_png(figure: Figure, dpi: int = 150) -> bytes:
    """Returns `figure` as the bytes of a PNG; the file holds no date, so equal figures give equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": "indl_vae"})
    return buffer.getvalue()


def as_trials(name: str, array: Any) -> np.ndarray:
    """Returns `array` as float64 `(B, T, D)`; one trial `(T, D)` becomes `(1, T, D)`.

    Raises:
        DataError: If the array has another number of axes.
    """
    values = np.asarray(array, dtype=np.float64)
    if values.ndim == 2:
        values = values[None]
    if values.ndim != 3:
        raise DataError(
            f"{name}: expected an array of shape (trials, bins, dimensions), got shape {values.shape}. "
            "Add the missing axes, for instance with array[None]."
        )
    return values


def is_blank(*arrays: np.ndarray) -> bool:
    """Says whether one of the arrays has no finite entry, so that there is nothing to draw."""
    return not all(np.isfinite(array).any() for array in arrays)


def time_axis(n_bins: int, bin_width_s: float | None) -> tuple[np.ndarray, str]:
    """Returns the middle of each bin in seconds, or the bin numbers where the bin width is unknown, and the label."""
    if bin_width_s is None:
        return np.arange(n_bins, dtype=np.float64), "Time (bins)"
    return (np.arange(n_bins) + 0.5) * bin_width_s, "Time (s)"


def rate_unit(bin_width_s: float | None, counts: bool = True) -> tuple[float, str]:
    """Returns the factor that turns counts per bin into the unit shown, and that unit's name."""
    if not counts:
        return 1.0, "data units"
    return (1.0, "spikes/bin") if bin_width_s is None else (1.0 / bin_width_s, "spikes/s")


def colors(n: int) -> list[str]:
    """Returns `n` colours: the palette as far as it goes, else even steps of a colour map."""
    if n <= len(PALETTE):
        return list(PALETTE[:n])
    return [to_hex(matplotlib.colormaps["turbo"](value)) for value in np.linspace(0.05, 0.95, n)]


def condition_groups(condition: np.ndarray | None, n_trials: int) -> list[Group]:
    """Returns the trials of each condition (at most 24 of them), or all trials as one group without labels."""
    if condition is None:
        return [Group("all trials", np.arange(n_trials), MODEL)]
    labels = np.asarray(condition).reshape(-1)[:n_trials]
    known = labels[labels == labels]  # NaN is no label
    names = np.unique(known)[:MAX_GROUPS]
    if names.size == 0:
        return [Group("all trials", np.arange(n_trials), MODEL)]
    pairs = zip(names, colors(len(names)), strict=True)
    return [Group(label_text(name), np.flatnonzero(labels == name), color) for name, color in pairs]


def label_text(value: Any) -> str:
    """Returns a condition label as text: 3 for 3.0, otherwise as printed."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return f"{value:g}" if isinstance(value, (int, float, np.number)) else str(value)


def mean_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard error over the first axis; NaN where no entry is finite, error 0 for a single entry."""
    finite = np.isfinite(values)
    n = finite.sum(axis=0)
    filled = np.where(finite, values, 0.0)
    mean = np.divide(filled.sum(axis=0), n, out=np.full(n.shape, np.nan), where=n > 0)
    square = np.where(finite, (filled - np.where(n > 0, mean, 0.0)) ** 2, 0.0).sum(axis=0)
    return mean, np.sqrt(square / np.maximum(n - 1, 1) / np.maximum(n, 1))


def outside_legend(ax: Axes, title: str | None = None, ncols: int = 1) -> None:
    """Puts the legend to the right of `ax`, where it hides no data."""
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), title=title, ncols=ncols, handlelength=1.2)
