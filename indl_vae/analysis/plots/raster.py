"""Spikes of a few trials over the rates inferred for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from indl_vae.analysis.plots.canvas import (
    DATA,
    INK,
    MODEL,
    TRUTH,
    as_trials,
    message_figure,
    new_figure,
    rate_unit,
    styled,
    time_axis,
)

#: White to deep blue: ink-coloured spikes stay visible over every shade.
RATE_COLORS = LinearSegmentedColormap.from_list("rates", ["#ffffff", "#cfe3f3", "#7db8e0", "#2e86c6"])


@styled
def plot_raster(
    spikes: Any,
    rates: Any,
    *,
    bin_width_s: float | None = None,
    truth: Any = None,
    n_trials: int = 3,
    n_channels: int = 80,
) -> Figure:
    """Draws, for a few trials, the population's mean rate and a raster of spikes over the inferred rates.

    Channels are sorted by the bin in which their inferred rate, averaged over the drawn trials, is highest; with more than `n_channels`, those
    with the most spikes are drawn.

    Args:
        spikes: `(B, T, N)` counts per bin; NaN is drawn as no spike.
        rates: `(B, T, N)` inferred expected counts per bin.
        bin_width_s: Width of a bin in seconds; None labels the axes in bins.
        truth: `(B, T, N)` true expected counts per bin, drawn over the population's mean, or None.
        n_trials: Number of trials, evenly spread over those there are.
        n_channels: Largest number of channels in the raster.

    Raises:
        DataError: If an array has not three axes.
    """
    spikes, rates = as_trials("spikes", spikes), as_trials("rates", rates)
    if spikes.size == 0:
        return message_figure("No spikes to draw.")
    picked = spread_indices(len(spikes), n_trials)
    channels = _sorted_channels(spikes, rates[picked], n_channels)
    factor, unit = rate_unit(bin_width_s)
    figure = new_figure(4.6)
    top = figure.add_gridspec(2, len(picked), height_ratios=(1, 3.2))
    first: tuple[Axes | None, Axes | None] = (None, None)
    scale = np.nanquantile(rates[picked][:, :, channels], 0.995) * factor
    norm = PowerNorm(0.5, vmin=0.0, vmax=float(scale) if np.isfinite(scale) and scale > 0 else 1.0)
    for column, trial in enumerate(picked):
        mean_ax = figure.add_subplot(top[0, column], sharey=first[0])
        raster_ax = figure.add_subplot(top[1, column], sharex=mean_ax, sharey=first[1])
        first = (first[0] or mean_ax, first[1] or raster_ax)
        true_trial = None if truth is None else as_trials("truth", truth)[trial]
        _draw_mean(mean_ax, spikes[trial], rates[trial], true_trial, factor, bin_width_s)
        image = _draw_spikes(raster_ax, spikes[trial][:, channels], rates[trial][:, channels] * factor, norm, bin_width_s)
        mean_ax.set_title(f"Trial {trial}")
        mean_ax.tick_params(labelbottom=False)
        if column:
            mean_ax.tick_params(labelleft=False)
            raster_ax.tick_params(labelleft=False)
    _label(first, unit, spikes.shape[2], len(channels))
    figure.colorbar(image, ax=raster_ax, label=f"Inferred rate ({unit})", fraction=0.08, pad=0.02)
    return figure


def spread_indices(n: int, n_wanted: int) -> list[int]:
    """Returns at most `n_wanted` of `range(n)`, evenly spread."""
    return sorted({int(i) for i in np.linspace(0, n - 1, max(1, min(n, n_wanted))).round()})


def _sorted_channels(spikes: np.ndarray, rates: np.ndarray, n_channels: int) -> np.ndarray:
    busiest = np.argsort(-np.nansum(spikes, axis=(0, 1)), kind="stable")[:n_channels]
    mean = np.nan_to_num(rates[:, :, busiest]).mean(axis=0)
    return busiest[np.argsort(mean.argmax(axis=0), kind="stable")]


def _draw_mean(
    ax: Axes, spikes: np.ndarray, rates: np.ndarray, truth: np.ndarray | None, factor: float, bin_width_s: float | None
) -> None:
    time, _ = time_axis(len(spikes), bin_width_s)
    width = time[1] - time[0] if len(time) > 1 else 1.0
    ax.bar(time, np.nan_to_num(spikes).mean(axis=1) * factor, width=width, color=DATA, alpha=0.55, label="spikes")
    if truth is not None:
        ax.plot(time, truth.mean(axis=1) * factor, color=TRUTH, linewidth=1.2, linestyle=(0, (4, 2)), label="true rate")
    ax.plot(time, rates.mean(axis=1) * factor, color=MODEL, label="inferred rate")


def _draw_spikes(ax: Axes, spikes: np.ndarray, rates: np.ndarray, norm: PowerNorm, bin_width_s: float | None) -> Any:
    time, label = time_axis(len(spikes), bin_width_s)
    half = (time[1] - time[0]) / 2 if len(time) > 1 else 0.5
    extent = (time[0] - half, time[-1] + half, spikes.shape[1] - 0.5, -0.5)
    image = ax.imshow(
        rates.T, aspect="auto", interpolation="nearest", extent=extent, cmap=RATE_COLORS, norm=norm, rasterized=True
    )
    bins, rows = np.nonzero(np.nan_to_num(spikes) > 0)
    widths = np.clip(0.5 + 0.45 * spikes[bins, rows], 0.9, 2.4)
    ax.vlines(time[bins], rows - 0.42, rows + 0.42, color=INK, linewidths=widths)
    ax.set_xlabel(label)
    return image


def _label(axes: tuple[Axes | None, Axes | None], unit: str, n_channels: int, n_shown: int) -> None:
    mean_ax, raster_ax = axes
    if mean_ax is None or raster_ax is None:
        return
    mean_ax.set_ylabel(f"Mean over\nchannels ({unit})")
    mean_ax.legend(loc="upper right", fontsize=7.5, handlelength=1.4, borderaxespad=0.0, labelspacing=0.2)
    shown = "" if n_shown == n_channels else f"{n_shown} busiest of {n_channels}, "
    raster_ax.set_ylabel(f"Channel ({shown}by time of peak)")
