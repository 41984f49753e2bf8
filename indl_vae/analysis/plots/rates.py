"""Heat maps of the average rates of all channels beside the smoothed data."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.observed import is_counts
from indl_vae.analysis.plots.canvas import (
    as_trials,
    condition_groups,
    is_blank,
    mean_and_spread,
    message_figure,
    new_figure,
    rate_unit,
    styled,
    time_axis,
)
from indl_vae.analysis.smoothing import smoothed_rates

#: Number of spikes that the smoothing of the data is to average over, where the caller names no width.
SPIKES_UNDER_KERNEL = 30.0


@styled
def plot_rate_maps(
    data: Any,
    rates: Any,
    *,
    truth: Any = None,
    condition: np.ndarray | None = None,
    bin_width_s: float | None = None,
    smoothing_bins: float | None = None,
) -> Figure:
    """Draws trial averages of smoothed data, inferred rates and, if given, true rates: channels by bins, in one order.

    The average is over the trials of the condition with the most trials, or over all trials without labels. In every
    panel each channel is standardised over time, so that quiet channels are seen as well as loud ones; the mean rate of
    each panel stands above it. Channels are sorted by the bin of their highest inferred rate.

    Args:
        data: `(B, T, N)` observed data; NaN marks what is missing.
        rates: `(B, T, N)` inferred rates, in the unit of `data`.
        truth: `(B, T, N)` true rates, or None.
        condition: `(B,)` labels, or None.
        bin_width_s: Width of a bin in seconds, or None.
        smoothing_bins: Standard deviation of the Gaussian that smooths the data, in bins; None widens it from 2 bins
            to what leaves some 30 spikes of a typical channel under it, up to a twelfth of the trial.

    Raises:
        DataError: If an array has not three axes.
    """
    data, rates = as_trials("data", data), as_trials("rates", rates)
    if is_blank(data, rates):
        return message_figure("No data to draw.")
    group = max(condition_groups(condition, len(data)), key=lambda item: len(item.indices))
    smoothing_bins = _width(data[group.indices]) if smoothing_bins is None else smoothing_bins
    smooth = smoothed_rates(data[group.indices], smoothing_bins).mean(axis=0)
    panels = {"Smoothed data": smooth, "Inferred": mean_and_spread(rates[group.indices])[0]}
    if truth is not None:
        panels["Truth"] = mean_and_spread(as_trials("truth", truth)[group.indices])[0]
    which = "all trials" if condition is None else f"condition {group.label}"
    return _draw(panels, f"Average of {len(group.indices)} trials ({which})", bin_width_s, is_counts(data))


def _standardised(values: np.ndarray) -> np.ndarray:
    """Returns each column with mean 0 and standard deviation 1 over its finite entries; a constant column is 0."""
    mean, _ = mean_and_spread(values)
    std = np.sqrt(mean_and_spread((values - mean) ** 2)[0])
    return (values - mean) / np.where(std > 1e-12, std, 1.0)


def _width(data: np.ndarray) -> float:
    """Returns a width in bins; a Gaussian of width s averages over 2 sqrt(pi) s bins."""
    per_bin = max(float(np.median(np.nansum(np.maximum(data, 0.0), axis=0).mean(axis=0))), 1e-9)
    wanted = SPIKES_UNDER_KERNEL / (2 * np.sqrt(np.pi) * per_bin)
    return float(np.clip(wanted, min(2.0, data.shape[1] / 12), max(2.0, data.shape[1] / 12)))


def _draw(panels: dict[str, np.ndarray], title: str, bin_width_s: float | None, counts: bool) -> Figure:
    inferred = panels["Inferred"]
    order = np.argsort(np.nan_to_num(inferred).argmax(axis=0), kind="stable")
    time, label = time_axis(len(inferred), bin_width_s)
    half = (time[1] - time[0]) / 2 if len(time) > 1 else 0.5
    extent = (time[0] - half, time[-1] + half, len(order) - 0.5, -0.5)
    figure = new_figure(4.2)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, (name, values) in zip(axes, panels.items(), strict=True):
        shown = {"cmap": "RdBu_r", "vmin": -2.5, "vmax": 2.5, "extent": extent}
        image = ax.imshow(_standardised(values).T[order], aspect="auto", interpolation="nearest", **shown)
        factor, unit = rate_unit(bin_width_s, counts)
        ax.set_title(f"{name}\n", fontsize=10)
        ax.text(
            0,
            1.015,
            f"mean {values[np.isfinite(values)].mean() * factor:.3g} {unit}",
            transform=ax.transAxes,
            fontsize=8,
        )
        ax.set_xlabel(label)
    axes[0].set_ylabel("Channel (by time of inferred peak)")
    bar = figure.colorbar(image, ax=list(axes), fraction=0.04, pad=0.015, extend="both")
    bar.set_label("Rate, in standard deviations\nof the channel over time")
    figure.suptitle(title, x=0.01, ha="left", fontsize=9.5)
    return figure
