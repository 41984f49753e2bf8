"""The pictures of a model that can run by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from indl_vae.analysis.dynamics.evaluate_dynamics import TRANSIENT, series_of
from indl_vae.analysis.plots import plot_attractors, plot_power_spectra
from indl_vae.analysis.report_figures import CaptionedFigure, draw
from indl_vae.data.split import Split

#: Bins of the free run that is drawn.
_BINS = 5000


def dynamics_figures(
    model: Any, split: Split, bin_width_s: float | None = None, seed: int = 0
) -> list[CaptionedFigure]:
    """Draws what a free run looks like beside the data; none for a model that cannot run by itself.

    Args:
        model: The model.
        split: Trials that it was not trained on.
        bin_width_s: Width of a bin in seconds, or None.
        seed: Of the random start.
    """
    if not hasattr(model, "free_run") or model.spec.ext_input_dim:
        return []
    series = np.concatenate(series_of(split))[:_BINS]
    run = model.free_run(len(series), n=1, seed=seed, drop=TRANSIENT)["rates"][0]
    return [
        draw(*_ATTRACTOR, plot_attractors, series, run, bin_width_s=bin_width_s),
        draw(*_SPECTRA, plot_power_spectra, series, run, bin_width_s=bin_width_s),
    ]


_ATTRACTOR = (
    "The attractor of the free run",
    "The network runs by itself, far from where it started: its orbit should fill the same shape as the data, and its "
    "traces have the same kind of course, not the same course.",
)
_SPECTRA = (
    "Power spectra of the free run",
    "Both curves should have their peaks at the same frequencies; a free run without its slow part has forgotten it.",
)
