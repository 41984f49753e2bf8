"""The pictures of a model that can run by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.evaluate_dynamics import TRANSIENT, series_of
from indl_vae.analysis.plots import plot_attractors, plot_power_spectra, plot_simulation, plot_step_weights
from indl_vae.analysis.report_figures import CaptionedFigure, draw
from indl_vae.data.split import Split

#: Bins of the free run that is drawn.
_BINS = 5000


def dynamics_figures(
    model: Any, split: Split, bin_width_s: float | None = None, seed: int = 0
) -> list[CaptionedFigure]:
    """Draws what a free run looks like beside the data; none for a model whose latent step is no map.

    Args:
        model: The model.
        split: Trials that it was not trained on.
        bin_width_s: Width of a bin in seconds, or None.
        seed: Of the random start.
    """
    if not hasattr(model, "latent_map"):
        return []
    figures = [draw(*_SIMULATION, plot_simulation, *_simulated(model, split), bin_width_s=bin_width_s)]
    figures.append(draw(*_WEIGHTS, plot_step_weights, model.latent_map().weights()))
    if model.spec.ext_input_dim:
        return figures
    series = np.concatenate(series_of(split))[:_BINS]
    run = model.free_run(len(series), n=1, seed=seed, drop=TRANSIENT)["rates"][0]
    return [
        *figures,
        draw(*_ATTRACTOR, plot_attractors, series, run, bin_width_s=bin_width_s),
        draw(*_SPECTRA, plot_power_spectra, series, run, bin_width_s=bin_width_s),
    ]


def _simulated(model: Any, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first trial, NaN where not observed, and the run from the state of its first bin."""
    one = split.take(slice(0, 1))
    data = one.x if one.mask is None else np.where(one.mask > 0, one.x, np.nan)
    start = model.states(one)[:, 0]
    later = model.free_run(
        one.n_bins - 1, start=start, ext_input=None if one.ext_input is None else one.ext_input[:, 1:]
    )
    first = model.read_out(start[:, None])
    return data, np.concatenate([first, later["rates"]], axis=1)


_SIMULATION = (
    "A trial and its simulation",
    "Blue starts where the first bin lies and then runs by itself: it should stay with the data for a while, and keep "
    "their amplitude and rhythm after that.",
)
_WEIGHTS = ("Weights of the latent step", "Rows are the states that weights act on; columns are where they come from.")
_ATTRACTOR = (
    "The attractor of the free run",
    "The network runs by itself, far from where it started: its orbit should fill the same shape as the data, and its "
    "traces have the same kind of course, not the same course.",
)
_SPECTRA = (
    "Power spectra of the free run",
    "Both curves should have their peaks at the same frequencies; a free run without its slow part has forgotten it.",
)
