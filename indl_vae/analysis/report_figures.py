"""The pictures of a report: which are drawn for which data, and what to look at in each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis.observed import is_counts, observed_or_nan
from indl_vae.analysis.plots import (
    message_figure,
    plot_factors,
    plot_inputs,
    plot_latent_recovery,
    plot_raster,
    plot_rate_maps,
    plot_rates_truth,
    plot_training_curves,
    plot_trajectories,
)
from indl_vae.data.split import Split

logger = logging.getLogger(__name__)

#: Title, caption (one sentence that says what to look at), figure.
CaptionedFigure = tuple[str, str, Figure]
#: Posterior arrays drawn as population state, the first that there is: what one dimension is called, and the title.
STATES = {"factors": ("Factor", "Factors over time"), "z_loc": ("Latent", "Latents z over time")}


def figures_for(posterior: Mapping[str, np.ndarray], split: Split, bin_width_s: float | None) -> list[CaptionedFigure]:
    """Draws what a posterior and its split allow.

    A picture never ends a run: one that fails is replaced by a note with the reason, and the failure is logged.

    Args:
        posterior: Arrays of `model.posterior`: "rates" `(B, T, N)` and any of "factors", "z_loc", "controller_outputs".
        split: The data that the posterior was inferred from; may hold truth, condition and extras["latent"].
        bin_width_s: Width of a bin in seconds, or None.
    """
    arrays = {key: _without_padding(value, split) for key, value in posterior.items() if np.ndim(value) == 3}
    common = {"bin_width_s": bin_width_s}
    data, rates = observed_or_nan(split), arrays["rates"]
    figures = []
    if is_counts(data):
        figures.append(draw(*_RASTER, plot_raster, data, rates, truth=split.truth, **common))
    maps = {"truth": split.truth, "condition": split.condition, **common}
    figures.append(draw(*_MAPS, plot_rate_maps, data, rates, **maps))
    if split.truth is not None:
        figures.append(draw(*_TRUTH, plot_rates_truth, rates, split.truth, data=data, **common))
    grouped = {"condition": split.condition, **common}
    key = next((key for key in STATES if key in arrays and arrays[key].shape[1:2] == (split.n_bins,)), None)
    if key is not None:
        state, (name, title) = arrays[key], STATES[key]
        figures.append(draw(title, _FACTORS, plot_factors, state, name=name, **grouped))
        figures.append(draw(*_TRAJECTORIES, plot_trajectories, state, name=name, **grouped))
        if "latent" in split.extras:
            figures.append(draw(*_LATENT, plot_latent_recovery, state, split.extras["latent"], **common))
    if arrays.get("controller_outputs", np.zeros((1, 1, 0))).size:
        figures.append(draw(*_INPUTS, plot_inputs, arrays["controller_outputs"], **grouped))
    return figures


def training_figure(rows: list[dict[str, Any]]) -> CaptionedFigure:
    """Draws the rows of metrics.csv."""
    return draw(*_TRAINING, plot_training_curves, rows)


def _without_padding(values: np.ndarray, split: Split) -> np.ndarray:
    """Returns `values` with NaN in the bins past a trial's end."""
    if split.lengths is None or values.shape[1] != split.n_bins:
        return values
    inside = np.arange(split.n_bins) < split.lengths[:, None]
    return np.where(inside[:, :, None], values, np.nan)


def draw(title: str, caption: str, plot: Callable[..., Figure], *args: Any, **kwargs: Any) -> CaptionedFigure:
    """Returns a picture with its title and caption, or in its place a note of why it could not be drawn."""
    try:
        return title, caption, plot(*args, **kwargs)
    except Exception as error:  # whatever went wrong in a picture, the run and the rest of the report must survive it
        logger.warning("figure %r could not be drawn", title, exc_info=True)
        return title, caption, message_figure(f"This figure could not be drawn: {error}")


_RASTER = (
    "Spikes over inferred rates",
    "Spikes (ticks; an upper map where they are dense) should gather where the inferred rate is high, and the blue "
    "line on top should follow the grey bars without copying each of them.",
)
_MAPS = (
    "Average rates of all channels",
    "The inferred map should show the bands of the smoothed data with less speckle; a band that only one of them has "
    "was invented or missed.",
)
_TRUTH = (
    "Inferred against true rates",
    "Blue should lie on the dashed truth in the examples, and the cloud on the orange line; a cloud flatter than the "
    "line means that the rates are smoothed too much.",
)
_FACTORS = (
    "Look for traces that move in the same way on every trial or differ by condition; those that stay flat are unused."
)
_TRAJECTORIES = (
    "Trajectories of the population",
    "Smooth loops or bundles that start at the dots and repeat over trials speak for dynamics; a tangle without "
    "structure speaks for noise.",
)
_LATENT = (
    "True latent state and its recovery",
    "The blue figure should have the shape of the black one: it is a linear map of the factors, fitted on other "
    "trials.",
)
_INPUTS = (
    "Inferred inputs",
    "Look for times at which the input leaves zero on most trials: there the model needed a push from outside its "
    "dynamics; an input that mirrors single spikes is overfitted.",
)
_TRAINING = (
    "Training curves",
    "Validation should fall with training and then level off; validation that rises while training falls is "
    "overfitting, and divergences at zero mean that a latent is unused.",
)
