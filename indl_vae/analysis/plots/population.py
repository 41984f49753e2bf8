"""A population in training: scores and hyperparameters of its members over the epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import INK, MUTED, PALETTE, message_figure, new_figure, styled
from indl_vae.errors import DataError

_COLUMNS = 3


@styled
def plot_population(
    epochs: np.ndarray,
    scores: np.ndarray,
    values: Mapping[str, np.ndarray],
    copied: Sequence[Sequence[int | None]] | None = None,
    logarithmic: Sequence[str] = (),
) -> Figure:
    """Draws the score and each hyperparameter of every member against the epoch; the best member at the end stands out.

    Args:
        epochs: `(G,)`, epochs done after each generation.
        scores: `(G, M)`, lower is better; NaN for none.
        values: Hyperparameter -> `(G, M)`.
        copied: For each generation and member, the member that it had copied at its start, or None. The line of a
            member that copies begins at the value of the one that it copied.
        logarithmic: Hyperparameters with a logarithmic axis.

    Raises:
        DataError: The shapes do not go together.
    """
    epochs, scores = np.asarray(epochs, dtype=float), np.asarray(scores, dtype=float)
    if scores.ndim != 2 or epochs.shape != scores.shape[:1]:
        raise DataError(
            f"scores: expected (generations, members) with {epochs.shape} epochs, got {scores.shape}. Give a row "
            "for each generation."
        )
    if not epochs.size or not np.isfinite(scores).any():
        return message_figure("No member has a score yet.")
    copied = copied or [[None] * scores.shape[1]] * len(epochs)
    best = _best_line(scores, copied)
    panels = {"Score (lower is better)": scores, **values}
    rows = math.ceil(len(panels) / _COLUMNS)
    figure = new_figure(2.3 * rows + 0.6)
    axes = figure.subplots(rows, _COLUMNS, squeeze=False, sharex=True).ravel()
    for ax, (name, each) in zip(axes, panels.items(), strict=False):
        _draw(ax, epochs, np.asarray(each, dtype=float), copied, best)
        ax.set_title(name)
        if name in logarithmic:
            ax.set_yscale("log")
    _limit(axes[0], scores)
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    for ax in axes[max(0, len(panels) - _COLUMNS) : len(panels)]:
        ax.set_xlabel("Epoch")
        ax.tick_params(labelbottom=True)
    return figure


def _draw(ax: Axes, epochs: np.ndarray, each: np.ndarray, copied: Sequence, best: list[int]) -> None:
    n_generations, n_members = each.shape
    for member in range(n_members):
        for number in range(1, n_generations):
            donor = copied[number][member]
            start = each[number - 1, member if donor is None else donor]
            style = {"color": MUTED, "linewidth": 0.7, "linestyle": "-" if donor is None else ":"}
            ax.plot(epochs[number - 1 : number + 1], [start, each[number, member]], **style)
    for number in range(n_generations):
        ax.plot(np.full(n_members, epochs[number]), each[number], ".", color=MUTED, markersize=3)
    path = [each[number, member] for number, member in enumerate(best)]
    ax.plot(epochs, path, "o-", color=PALETTE[0], linewidth=1.6, markersize=3)
    ax.plot(epochs[-1], path[-1], "o", color=INK, markersize=4)


def _best_line(scores: np.ndarray, copied: Sequence) -> list[int]:
    """Returns which member the best one of the end was in each generation."""
    last = np.flatnonzero(np.isfinite(scores).any(axis=1))[-1]
    line = [int(np.nanargmin(scores[last]))] * (len(scores) - last)
    for number in range(last, 0, -1):
        donor = copied[number][line[0]]
        line.insert(0, line[0] if donor is None else donor)
    return line


def _limit(ax: Axes, scores: np.ndarray) -> None:
    """Lets the worst scores run off the top, so that the others can be told apart."""
    known = scores[np.isfinite(scores)]
    low, high = known.min(), np.quantile(known, 0.9)
    if high > low:
        ax.set_ylim(low - 0.08 * (high - low), high + 0.15 * (high - low))
