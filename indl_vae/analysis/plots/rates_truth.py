"""Inferred rates against the true rates of synthetic data."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from indl_vae.analysis.metrics import r2, r2_log_rates
from indl_vae.analysis.observed import is_counts
from indl_vae.analysis.plots.canvas import (
    DATA,
    MODEL,
    TRUTH,
    as_trials,
    mean_and_spread,
    message_figure,
    new_figure,
    rate_unit,
    styled,
    time_axis,
)

#: Axes become logarithmic where the middle 98 % of the true rates span more than this ratio.
LOG_RATIO = 30.0


@styled
def plot_rates_truth(
    rates: Any, truth: Any, *, data: Any = None, bin_width_s: float | None = None, n_examples: int = 4
) -> Figure:
    """Draws example channels over time and a density of all inferred against all true rates, with their R2.

    Args:
        rates: `(B, T, N)` inferred expected counts per bin.
        truth: `(B, T, N)` true expected counts per bin; entries where either is not finite are left out.
        data: `(B, T, N)` observed counts, drawn as ticks under the examples, or None.
        bin_width_s: Width of a bin in seconds, or None.
        n_examples: Number of examples: of as many trials, the channel at even steps through the order of true variance.

    Raises:
        DataError: If an array has not three axes.
    """
    rates, truth = as_trials("rates", rates), as_trials("truth", truth)
    if not (np.isfinite(rates) & np.isfinite(truth)).any():
        return message_figure("No true rates to compare with.")
    data = None if data is None else as_trials("data", data)
    factor, unit = rate_unit(bin_width_s, data is None or is_counts(data))
    examples = _examples(truth, n_examples)
    figure = new_figure(4.6)
    grid = figure.add_gridspec(len(examples), 2, width_ratios=(1, 1.05))
    traces = [figure.add_subplot(grid[row, 0]) for row in range(len(examples))]
    for ax, (trial, channel) in zip(traces, examples, strict=True):
        spikes = None if data is None else data[trial, :, channel]
        _draw_trace(ax, rates[trial, :, channel] * factor, truth[trial, :, channel] * factor, spikes, bin_width_s)
        ax.set_title(f"Trial {trial}, channel {channel}", fontsize=8, fontweight="normal", pad=2)
        ax.tick_params(labelbottom=ax is traces[-1])
    traces[-1].set_xlabel(time_axis(1, bin_width_s)[1])
    figure.supylabel(f"Rate ({unit})", fontsize=9.5)
    traces[0].legend(
        loc="upper right", ncols=3, fontsize=7.5, handlelength=1.2, bbox_to_anchor=(1.0, 1.5), borderaxespad=0
    )
    _draw_density(figure, figure.add_subplot(grid[:, 1]), rates * factor, truth * factor, unit)
    return figure


def _examples(truth: np.ndarray, n_examples: int) -> list[tuple[int, int]]:
    rows = truth.reshape(-1, truth.shape[2])
    spread = np.nan_to_num(mean_and_spread((rows - mean_and_spread(rows)[0]) ** 2)[0])
    order = np.argsort(-spread, kind="stable")
    n = max(1, min(n_examples, max(len(order), len(truth))))
    ranks = np.linspace(0, (len(order) - 1) * 0.6, n).round().astype(int)
    trials = np.linspace(0, len(truth) - 1, n).round().astype(int)
    return list(dict.fromkeys((int(t), int(order[r])) for t, r in zip(trials, ranks, strict=True)))


def _draw_trace(
    ax: Axes, rate: np.ndarray, truth: np.ndarray, spikes: np.ndarray | None, bin_width_s: float | None
) -> None:
    time, _ = time_axis(len(rate), bin_width_s)
    marker = "o" if len(time) == 1 else None
    ax.plot(time, truth, color=TRUTH, linewidth=1.3, linestyle=(0, (4, 1.5)), label="true", marker=marker)
    ax.plot(time, rate, color=MODEL, label="inferred", marker=marker)
    ax.set_ylim(bottom=0 if np.all(truth[np.isfinite(truth)] >= 0) else None)
    if spikes is not None and is_counts(spikes):
        low, high = ax.get_ylim()
        ax.set_ylim(low - 0.14 * (high - low), high)
        at = time[np.nan_to_num(spikes) > 0]
        ax.vlines(at, low - 0.12 * (high - low), low - 0.02 * (high - low), color=DATA, linewidth=1.0, label="spikes")


def _draw_density(figure: Figure, ax: Axes, rates: np.ndarray, truth: np.ndarray, unit: str) -> None:
    keep = np.isfinite(rates) & np.isfinite(truth)
    x, y = truth[keep], rates[keep]
    low, high = np.quantile(x, 0.01), np.quantile(x, 0.99)
    log = low >= 0 and high > LOG_RATIO * max(low, 1e-12)
    text = f"R² = {r2(y, x):.3f}"
    if x.min() >= 0 and y.min() >= 0:
        text += f"\nlog R² = {r2_log_rates(y, x):.3f}"
    edges = _edges(x, y, log)
    counts = ax.hist2d(x, y, bins=edges, cmap="Blues", norm=LogNorm(), rasterized=True)
    ax.plot(edges[[0, -1]], edges[[0, -1]], color="#D55E00", linewidth=1.1, label="equal")
    if log:
        ax.set_xscale("log")
        ax.set_yscale("log")
    ax.set_box_aspect(1)
    ax.set_xlabel(f"True rate ({unit})")
    ax.set_ylabel(f"Inferred rate ({unit})")
    ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top", fontsize=10.5, fontweight="bold")
    figure.colorbar(counts[3], ax=ax, label="Bins of all trials and channels", fraction=0.045, pad=0.02)


def _edges(x: np.ndarray, y: np.ndarray, log: bool) -> np.ndarray:
    both = np.concatenate([np.quantile(x, (0.001, 0.9995)), np.quantile(y, (0.001, 0.9995))])
    low, high = both.min(), both.max()
    if not log:
        return np.linspace(low, high if high > low else low + 1.0, 81)
    low = max(low, high * 1e-5, 1e-12)
    return np.geomspace(low, max(high, low * 10), 81)
