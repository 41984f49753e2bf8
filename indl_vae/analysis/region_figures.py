"""The pictures of a model of several regions: states, messages, trajectories on the field, generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.analysis.plots import plot_generation, plot_message_norms, plot_region_fields, plot_states
from indl_vae.analysis.regions import LatentMap, fit_latent_maps, generate, message_norms, region_field
from indl_vae.analysis.report_figures import CaptionedFigure, draw
from indl_vae.data.split import Split


def region_figures(
    model: Any,
    split: Split,
    bin_width_s: float | None = None,
    *,
    fitted_on: Split | None = None,
    regions: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    samples: int = 20,
) -> list[CaptionedFigure]:
    """Draws what a model of regions has found; none for another model.

    Args:
        model: The model.
        split: The trials.
        bin_width_s: Width of a bin in seconds, or None.
        fitted_on: Trials on which linear maps to true latents are fitted; those of `split` by default.
        regions: Names of the regions.
        inputs: Names of the external inputs.
        samples: Posterior samples that are averaged.
    """
    if not hasattr(model, "messages"):
        return []
    found = model.posterior(split, samples=samples)
    latents, probs = found["factors"], found["state_probs"]
    figures = []
    if model.params.n_states > 1:
        true = split.extras.get("dynamic_label")
        figures.append(draw(*_STATES, plot_states, probs, true, lengths=split.lengths, bin_width_s=bin_width_s))
    told = model.messages(latents, split.ext_input, probs)
    told = told if told["input_messages"].shape[3] else {"messages": told["messages"]}
    look = {"regions": regions, "inputs": inputs, "condition": split.condition, "bin_width_s": bin_width_s}
    figures.append(draw(*_MESSAGES, plot_message_norms, message_norms(**told), **look))
    if model.params.region_latents == 2 and not model.params.single_region_latent:
        figures.append(_on_the_field(model, split, latents, fitted_on or split, samples, regions))
    if split.n_bins > 1:
        made = generate(model, split).rates
        figures.append(draw(*_ALONE, plot_generation, split.x, found["rates"], made, bin_width_s=bin_width_s))
    return figures


def _on_the_field(
    model: Any, split: Split, latents: np.ndarray, base: Split, samples: int, regions: Sequence[str] | None
) -> CaptionedFigure:
    count = latents.shape[-1] // 2
    true, maps = split.extras.get("latent"), [None] * count
    if true is None or true.shape[-1] != latents.shape[-1]:
        true, paths, space = None, latents, "the model's latents"
    else:
        maps = fit_latent_maps(model.posterior(base, samples=samples)["factors"], base.extras["latent"], count)
        paths, space = _mapped(latents, maps), "true latents, to which a linear map takes the model's"
    states = range(model.params.n_states)
    fields = [[region_field(model, latents, r, k, to_true=maps[r]) for k in states] for r in range(count)]
    path = model.discrete_path(latents, split.ext_input)
    title, caption = _FIELD
    caption = caption.format(space)
    return draw(title, caption, plot_region_fields, fields, paths, path, true=true, regions=regions)


def _mapped(latents: np.ndarray, maps: Sequence[LatentMap]) -> np.ndarray:
    parts = np.split(latents, len(maps), -1)
    return np.concatenate([to_true(part) for to_true, part in zip(maps, parts, strict=True)], -1)


_STATES = (
    "Discrete states",
    "Each row is a trial; colours are mixed by the probabilities of the states: states that are used should be clear.",
)
_MESSAGES = (
    "Messages between regions",
    "Mean length over trials. Data tell what messages add up to; their split is the model's, and what is constant may "
    "go to any sender.",
)
_FIELD = (
    "Trajectories on the field of each state",
    "In {}; the other regions are at their means and there is no input. Trials should follow the arrows.",
)
_ALONE = (
    "Generation",
    "The model runs by itself from the first bin on, without noise, with the trials' external input: how long it keeps "
    "with the data.",
)
