"""The score of a search's trials against each parameter that was drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import INK, MODEL, MUTED, PALETTE, message_figure, new_figure, styled
from indl_vae.errors import DataError

_COLUMNS, _ROW_HEIGHT = 3, 2.1
#: Scores worse than this multiple of the better half's range are drawn at the edge.
_RANGE = 4.0


@styled
def plot_search(
    scores: Sequence[float | None], values: Mapping[str, Sequence[Any]], *, log_scaled: Sequence[str] = ()
) -> Figure:
    """Draws a panel for each parameter; the best trial is a filled triangle, and lower is better.

    Trials without a score are crosses at the top. Those much worse than the better half stand at the top edge, so that
    the good ones can be told apart.

    Args:
        scores: A score for each trial; None or NaN where it has none.
        values: Parameter -> its value in each trial, None where it has no effect.
        log_scaled: Parameters with a logarithmic axis.

    Raises:
        DataError: A parameter does not have a value for each trial.
    """
    score = np.array([np.nan if one is None else float(one) for one in scores], dtype=np.float64)
    for name, own in values.items():
        if len(own) != len(score):
            raise DataError(f"values: expected {len(score)} of {name}, one for each trial, got {len(own)}.")
    if not values or not np.isfinite(score).any():
        return message_figure("No trial of the search has a score.")
    n_columns = min(_COLUMNS, len(values))
    n_rows = -(-len(values) // n_columns)
    figure = new_figure(0.8 + _ROW_HEIGHT * n_rows)
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharey=True).ravel()
    low, top = _limits(score)
    for ax, (name, own) in zip(axes, values.items(), strict=False):
        _panel(ax, score, list(own), name in log_scaled, top)
        ax.set(title=name, ylim=(low, top + 0.06 * (top - low)))
    for ax in axes[len(values) :]:
        ax.set_visible(False)
    for ax in axes[::n_columns]:
        ax.set_ylabel("Selection score")
    figure.supxlabel("large: the best;  grey: worse than the axis shows;  cross: no score", fontsize=8.5, color=MUTED)
    return figure


def _limits(score: np.ndarray) -> tuple[float, float]:
    finite = np.sort(score[np.isfinite(score)])
    spread = max(float(np.median(finite) - finite[0]), 1e-6 * abs(float(finite[0])), 1e-12)
    top = min(float(finite[-1]), float(finite[0]) + _RANGE * spread)
    top = max(top, float(finite[0]) + spread)
    return float(finite[0]) - 0.12 * (top - float(finite[0])), top


def _panel(ax: Axes, score: np.ndarray, own: list[Any], log: bool, top: float) -> None:
    drawn = np.array([one is not None for one in own])
    x, labels = _places(own)
    if labels:
        ax.set_xticks(range(len(labels)), labels)
        ax.set_xlim(-0.5, len(labels) - 0.5)
    elif log:
        ax.set_xscale("log")
    inside, outside, failed = drawn & (score <= top), drawn & (score > top), drawn & ~np.isfinite(score)
    ax.plot(x[inside], score[inside], "o", color=MODEL, markersize=5, alpha=0.75, markeredgewidth=0)
    ax.plot(x[outside], np.full(outside.sum(), top), "^", color=MUTED, markersize=5, markeredgewidth=0)
    ax.plot(x[failed], np.full(failed.sum(), top), "x", color=PALETTE[1], markersize=5)
    best = int(np.nanargmin(score))
    if drawn[best]:
        ax.plot(x[best], score[best], "v", color=PALETTE[1], markersize=9, markeredgecolor=INK)


def _places(own: list[Any]) -> tuple[np.ndarray, list[str]]:
    """Returns places on the axis; of text, lists and few numbers also the labels of a row of choices."""
    there = [one for one in own if one is not None]
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in there)
    kinds = sorted(set(there)) if numbers else list(dict.fromkeys(map(_text, there)))
    whole = numbers and all(isinstance(one, int) for one in there)
    if numbers and not (whole and len(kinds) <= 8):
        return np.array([np.nan if one is None else float(one) for one in own]), []
    kinds = [_text(kind) for kind in kinds] if numbers else sorted(kinds)
    places = [np.nan if one is None else float(kinds.index(_text(one))) for one in own]
    return np.array(places), kinds


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
