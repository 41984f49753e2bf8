"""Spikes of a few trials over the rates inferred for them."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    is_blank,
    message_figure,
    new_figure,
    rate_unit,
    styled,
    time_axis,
)

#: White to blue: ink-coloured spikes stay visible over every shade.
RATE_COLORS = LinearSegmentedColormap.from_list("rates", ["#ffffff", "#cfe3f3", "#7db8e0", "#2e86c6"])
#: With spikes in more than this share of bins, ticks would hide the rates: counts get a map of their own.
DENSE_SHARE = 0.3


class _Scene(NamedTuple):
    spikes: np.ndarray
    rates: np.ndarray
    truth: np.ndarray | None
    channels: np.ndarray
    norm: PowerNorm
    bin_width_s: float | None
    dense: bool


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

    Channels are sorted by the bin in which their inferred rate, averaged over the drawn trials, is highest; with more
    than `n_channels`, those with the most spikes are drawn. Where spikes fill more than three bins in ten, counts are
    drawn as a map above the map of rates, with the same colours.

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
    if is_blank(spikes, rates):
        return message_figure("No spikes to draw.")
    picked = spread_indices(len(spikes), n_trials)
    factor, unit = rate_unit(bin_width_s)
    channels = _sorted_channels(spikes, rates[picked], n_channels)
    spikes, rates = np.nan_to_num(spikes) * factor, rates * factor
    shown = rates[picked][:, :, channels]
    highest = np.quantile(shown[np.isfinite(shown)], 0.995) if np.isfinite(shown).any() else 0.0
    norm = PowerNorm(0.5, vmin=0.0, vmax=highest if highest > 0 else 1.0)
    truth = None if truth is None else as_trials("truth", truth) * factor
    dense = bool((spikes[picked][:, :, channels] > 0).mean() > DENSE_SHARE)
    scene = _Scene(spikes, rates, truth, channels, norm, bin_width_s, dense)
    figure = _draw(scene, picked, unit)
    if len(channels) < spikes.shape[2]:
        figure.suptitle(
            f"The {len(channels)} channels with the most spikes, of {spikes.shape[2]}", x=0.01, ha="left", fontsize=9
        )
    return figure


def spread_indices(n: int, n_wanted: int) -> list[int]:
    """Returns at most `n_wanted` of `range(n)`, evenly spread."""
    return sorted({int(i) for i in np.linspace(0, n - 1, max(1, min(n, n_wanted))).round()})


def _sorted_channels(spikes: np.ndarray, rates: np.ndarray, n_channels: int) -> np.ndarray:
    busiest = np.argsort(-np.nansum(spikes, axis=(0, 1)), kind="stable")[:n_channels]
    mean = np.nan_to_num(rates[:, :, busiest]).mean(axis=0)
    return busiest[np.argsort(mean.argmax(axis=0), kind="stable")]


def _draw(scene: _Scene, picked: list[int], unit: str) -> Figure:
    n_maps = 2 if scene.dense else 1
    figure = new_figure(2.2 + 2.4 * n_maps - 0.6 * (n_maps - 1))
    axes = figure.subplots(
        1 + n_maps, len(picked), sharex=True, sharey="row", squeeze=False, height_ratios=(1, *[2.6 / n_maps] * n_maps)
    )
    for column, trial in zip(axes.T, picked, strict=True):
        _draw_mean(column[0], scene, trial)
        if scene.dense:
            _draw_map(column[1], scene.spikes[trial], scene)
        image = _draw_map(column[-1], scene.rates[trial], scene)
        if not scene.dense:
            _draw_ticks(column[1], scene.spikes[trial][:, scene.channels], scene.bin_width_s)
        column[0].set_title(f"Trial {trial}")
        column[-1].set_xlabel(time_axis(1, scene.bin_width_s)[1])
    first = axes[:, 0]
    first[0].set_ylabel(f"Channel mean\n({unit})")
    first[0].legend(loc="upper right", fontsize=7.5, handlelength=1.4, borderaxespad=0.0, labelspacing=0.2)
    first[-1].set_ylabel("Inferred\nchannel, by time of peak" if scene.dense else "Channel, by time of peak")
    if scene.dense:
        first[1].set_ylabel("Observed\nchannel, same order")
    label = f"{'Rate' if scene.dense else 'Inferred rate'} ({unit})"
    figure.colorbar(image, ax=list(axes[1:, -1]), label=label, fraction=0.09, pad=0.02)
    return figure


def _draw_mean(ax: Axes, scene: _Scene, trial: int) -> None:
    time, _ = time_axis(scene.spikes.shape[1], scene.bin_width_s)
    width = time[1] - time[0] if len(time) > 1 else 1.0
    ax.bar(time, scene.spikes[trial].mean(axis=1), width=width, color=DATA, alpha=0.55, label="spikes")
    if scene.truth is not None:
        ax.plot(
            time, scene.truth[trial].mean(axis=1), color=TRUTH, linewidth=1.2, linestyle=(0, (4, 2)), label="true rate"
        )
    ax.plot(time, scene.rates[trial].mean(axis=1), color=MODEL, label="inferred rate")


def _draw_map(ax: Axes, values: np.ndarray, scene: _Scene) -> Any:
    time, _ = time_axis(len(values), scene.bin_width_s)
    half = (time[1] - time[0]) / 2 if len(time) > 1 else 0.5
    extent = (time[0] - half, time[-1] + half, len(scene.channels) - 0.5, -0.5)
    shown = values[:, scene.channels].T
    return ax.imshow(shown, aspect="auto", interpolation="nearest", extent=extent, cmap=RATE_COLORS, norm=scene.norm)


def _draw_ticks(ax: Axes, spikes: np.ndarray, bin_width_s: float | None) -> None:
    time, _ = time_axis(len(spikes), bin_width_s)
    bins, rows = np.nonzero(spikes > 0)
    counts = spikes[bins, rows] * (bin_width_s or 1.0)
    ax.vlines(time[bins], rows - 0.42, rows + 0.42, color=INK, linewidths=np.clip(0.5 + 0.45 * counts, 0.9, 2.4))
