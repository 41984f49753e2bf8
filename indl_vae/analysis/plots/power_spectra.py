"""Power spectra of generated series over those of the true ones, and their Hellinger distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from indl_vae.analysis.dynamics.power_spectra import hellinger, spectral_distribution
from indl_vae.analysis.plots.canvas import DATA, MODEL, as_trials, message_figure, new_figure, styled
from indl_vae.errors import DataError

#: Shares of the power below this part of the largest fall out of view.
_DEPTH = 1e-8


@styled
def plot_power_spectra(
    true: Any,
    generated: Any,
    *,
    smoothing: float = 20.0,
    bin_width_s: float | None = None,
    n_dimensions: int = 6,
    name: str = "dim",
) -> Figure:
    """Draws for each dimension the share of its power at each frequency, of true and of generated series.

    Spectra are computed and smoothed as by `power_spectrum_distance`, whose value for each dimension, D_H, stands above
    it. With more dimensions than are drawn, those of the largest distance are shown, in that order.

    Args:
        true: `(T, N)` or `(B, T, N)`, in any unit; trials with a NaN are left out.
        generated: The same of the model; the bins beyond the shorter of the two are left out.
        smoothing: Standard deviation of the smoothing in frequencies; 0: none.
        bin_width_s: Width of a bin in seconds, or None.
        n_dimensions: Largest number of dimensions drawn.
        name: What one dimension is called.

    Raises:
        ConfigError: If `smoothing` is below 0.
        DataError: If an array has other axes, or the two have different dimensions.
    """
    both = as_trials("true", true), as_trials("generated", generated)
    if both[0].shape[2] != both[1].shape[2]:
        raise DataError(f"generated: expected the {both[0].shape[2]} dimensions of `true`, got {both[1].shape[2]}.")
    n_bins = min(series.shape[1] for series in both)
    first, second = (_whole(series[:, :n_bins]) for series in both)
    if not (len(first) and len(second) and first.shape[2] and n_bins >= 4):
        return message_figure("No series of four or more bins without gaps to compare.")
    p, q = spectral_distribution(first, smoothing), spectral_distribution(second, smoothing)
    distances = hellinger(p, q)
    order = np.argsort(-distances, kind="stable") if len(distances) > n_dimensions else np.arange(len(distances))
    return _draw(p, q, distances, order[:n_dimensions], _frequencies(n_bins, bin_width_s), name)


def _whole(series: np.ndarray) -> np.ndarray:
    return series[np.isfinite(series).all(axis=(1, 2))]


def _frequencies(n_bins: int, bin_width_s: float | None) -> tuple[np.ndarray, str]:
    if bin_width_s is None:
        return np.fft.rfftfreq(n_bins), "Frequency (cycles/bin)"
    return np.fft.rfftfreq(n_bins, bin_width_s), "Frequency (Hz)"


def _draw(
    p: np.ndarray, q: np.ndarray, distances: np.ndarray, order: np.ndarray, axis: tuple[np.ndarray, str], name: str
) -> Figure:
    n_columns = min(3, len(order))
    n_rows = -(-len(order) // n_columns)
    figure = new_figure(0.75 + 1.9 * n_rows)
    axes = list(figure.subplots(n_rows, n_columns, sharex=True, squeeze=False).flat)
    for ax, index in zip(axes, order, strict=False):
        _draw_one(ax, axis[0], p[:, index], q[:, index])
        ax.set_title(f"{name} {index}:  D_H = {distances[index]:.3f}", fontsize=9)
        ax.set_xlabel(axis[1])
        ax.tick_params(labelbottom=True)
    for ax in axes[len(order) :]:
        ax.set_axis_off()
    for ax in axes[::n_columns]:
        ax.set_ylabel("Share of power")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2)
    note = f"; the {len(order)} of largest D_H shown" if len(order) < len(distances) else ""
    text = f"Power spectra, mean D_H = {distances.mean():.3f} over {len(distances)} dimensions{note}"
    figure.suptitle(text, x=0.01, ha="left", fontsize=9.5)
    return figure


def _draw_one(ax: Axes, frequency: np.ndarray, p: np.ndarray, q: np.ndarray) -> None:
    for share, color, width, label in ((p, DATA, 2.0, "true"), (q, MODEL, 1.2, "generated")):
        ax.plot(frequency, np.where(share > 0, share, np.nan), color=color, linewidth=width, label=label)
    ax.set_yscale("log")
    drawn = np.concatenate([p[p > 0], q[q > 0]])
    if drawn.size:
        ax.set_ylim(max(drawn.min(), _DEPTH * drawn.max()) / 3, 3 * drawn.max())
    ax.xaxis.set_major_locator(MaxNLocator(4))
