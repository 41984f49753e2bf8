"""Divergence of each latent while training, and which latents are used."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from indl_vae.analysis.plots.canvas import MODEL, MUTED, is_blank, message_figure, new_figure, styled
from indl_vae.errors import DataError

#: Divergences below this are drawn as this, so that an unused latent fits a logarithmic axis (nats).
FLOOR = 1e-4


@styled
def plot_latent_kl(kl: Any, variance: Any = None, *, epochs: Any = None, threshold: float = 0.01) -> Figure:
    """Draws each latent's divergence over training, and its last one in the order of size; unused latents are grey.

    Args:
        kl: `(E, L)`: divergence of each latent from the prior after each epoch, in nats a bin; or `(L,)`, of the
            trained model alone.
        variance: `(L,)`: variance of each latent's mean over the data. A latent above `threshold` is active; by default
            one whose last divergence is.
        epochs: `(E,)`: numbers of the epochs; 1, 2, ... by default.
        threshold: From which on a latent is active.

    Raises:
        DataError: Shapes do not go together.
    """
    table = np.atleast_2d(np.asarray(kl, np.float64))
    times = np.arange(1, len(table) + 1) if epochs is None else np.asarray(epochs, np.float64)
    if table.ndim != 2 or times.shape != table.shape[:1]:
        raise DataError(
            f"kl, epochs: expected arrays (epochs, latents) and (epochs,), got shapes {np.shape(kl)} and {times.shape}."
        )
    used = table[-1] if variance is None else np.asarray(variance, np.float64)
    if used.shape != table.shape[1:]:
        raise DataError(f"variance: expected shape {table.shape[1:]}, one for each latent, got {used.shape}.")
    if is_blank(table):
        return message_figure("No divergences to draw.")
    active = used > threshold
    figure = new_figure(3.0)
    axes = figure.subplots(1, 2, sharey=True) if len(table) > 1 else [None, figure.subplots()]
    if axes[0] is not None:
        _draw_training(axes[0], times, table, active)
    _draw_last(axes[1], table[-1], active)
    axes[0 if len(table) > 1 else 1].set_ylabel("Divergence (nats a bin)")
    return figure


def _draw_training(ax: Axes, times: np.ndarray, table: np.ndarray, active: np.ndarray) -> None:
    for line, on in zip(np.maximum(table, FLOOR).T, active, strict=True):
        ax.plot(times, line, color=MODEL if on else MUTED, linewidth=1.2, alpha=0.8, zorder=3 if on else 2)
    ax.set(title="While training", xlabel="Epoch", yscale="log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_last(ax: Axes, last: np.ndarray, active: np.ndarray) -> None:
    order = np.argsort(-np.nan_to_num(last, nan=-np.inf), kind="stable")
    colors = [to_rgba(MODEL if active[i] else MUTED) for i in order]
    ax.bar(range(len(order)), np.maximum(last[order], FLOOR) - FLOOR, bottom=FLOOR, color=colors)
    ax.set_xticks(
        range(len(order)), [str(i) for i in order], fontsize=7 if len(order) <= 16 else 5.5 if len(order) <= 32 else 4
    )
    ax.set(title=f"{active.sum()} of {len(active)} latents active (blue)", xlabel="Latent", yscale="log")
