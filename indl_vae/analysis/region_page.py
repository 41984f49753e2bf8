"""A page about a trained model of several regions: its figures, and pictures of states, messages and dynamics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from indl_vae.analysis import html, plots
from indl_vae.analysis.regions import (
    LatentMap,
    evaluate_regions,
    fit_latent_maps,
    generate,
    message_norms,
    region_field,
)
from indl_vae.data import Dataset
from indl_vae.data.split import Split

#: Names and meanings of the figures of `evaluate_regions`, in the order of the page.
MEANINGS = {
    "r2": "data by the posterior, R2 of all channels around their means",
    "co_smoothing_r2": "channels that were never shown, R2 likewise",
    "one_step_r2": "one bin ahead, R2 likewise",
    "generation_r2": "by itself from the first bin, without noise, R2 likewise",
    "latent_r2": "true latents after a linear map, R2 of each, region by region",
    "message_r2": "true messages, R2, to a region (rows) from a region (columns)",
    "state_accuracy": "share of bins whose state is the true one",
    "adjusted_rand_index": "adjusted Rand index of states",
    "switch_error": "median distance of a true switch to the next one found (bins)",
    "switch_f1": "F1 of switches by tolerance (bins)",
}


class Picture(NamedTuple):
    """A figure with its title and caption."""

    title: str
    caption: str
    figure: Figure


def write_region_page(
    model: Any,
    dataset: Dataset,
    path: Path | str,
    *,
    split: str = "test",
    regions: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    samples: int = 20,
) -> Path:
    """Writes a page that needs no other file.

    Args:
        model: A trained model of the family `mrsds`.
        dataset: Its data; linear maps to true latents are fitted on the training trials.
        path: The page, .html.
        split: Name of the split that is shown.
        regions: Names of the regions.
        inputs: Names of the external inputs.
        samples: Posterior samples that are averaged.

    Returns:
        The path.
    """
    trials = dataset.splits[split]
    scores = evaluate_regions(model, trials, dataset.train, samples)
    rows = [[MEANINGS[key], html.Cell(_shown(scores[key]), "number")] for key in MEANINGS if key in scores]
    drawn = region_pictures(model, dataset, split=split, regions=regions, inputs=inputs, samples=samples)
    pictures = [html.picture(one.title, one.caption, plots.to_png(one.figure)) for one in drawn]
    facts = (
        f"{trials.n_trials} {split} trials of {trials.n_bins} bins and {trials.n_channels} channels; inference "
        f"{model.params.inference}, {model.params.n_states} discrete states, {model.params.region_latents} latents "
        "of a region."
    )
    body = [
        f'<h1>Regions that talk</h1>\n<p class="soft">{html.text(facts)}</p>',
        html.section("Figures", html.table([], rows)),
        html.section("Pictures", *pictures),
    ]
    path = Path(path)
    path.write_text(html.page("Several regions", "\n".join(body)), encoding="utf-8")
    return path


def region_pictures(
    model: Any,
    dataset: Dataset,
    *,
    split: str = "test",
    regions: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    samples: int = 20,
) -> Iterator[Picture]:
    """Yields pictures of states, messages, trajectories on the field (regions of two latents) and generation.

    Arguments are those of `write_region_page`.
    """
    trials = dataset.splits[split]
    found = model.posterior(trials, samples=samples)
    latents, probs = found["factors"], found["state_probs"]
    bin_s, condition = dataset.bin_width_s, trials.condition
    if model.params.n_states > 1:
        true = trials.extras.get("dynamic_label")
        caption = "Each row is a trial; colours are mixed by the probabilities of the states."
        yield Picture(
            "Discrete states", caption, plots.plot_states(probs, true, lengths=trials.lengths, bin_width_s=bin_s)
        )
    told = model.messages(latents, trials.ext_input, probs)
    told = told if told["input_messages"].shape[3] else {"messages": told["messages"]}
    norms = plots.plot_message_norms(
        message_norms(**told), regions=regions, inputs=inputs, condition=condition, bin_width_s=bin_s
    )
    caption = (
        "Mean length over trials. Data tell what messages add up to; their split is the model's, and what is constant "
        "may go to any sender."
    )
    yield Picture("Messages", caption, norms)
    if model.params.region_latents == 2 and not model.params.single_region_latent:
        yield _on_the_field(model, dataset, trials, latents, samples, regions)
    run = generate(model, trials)
    figure = plots.plot_generation(trials.x, found["rates"], run.rates, bin_width_s=bin_s)
    yield Picture("By itself", "From the first bin on, without noise, with the trials' external input.", figure)


def _on_the_field(
    model: Any, dataset: Dataset, trials: Split, latents: np.ndarray, samples: int, regions: Sequence[str] | None
) -> Picture:
    count = latents.shape[-1] // 2
    true, maps = trials.extras.get("latent"), None
    if true is not None and true.shape[-1] == latents.shape[-1]:
        shown = model.posterior(dataset.train, samples=samples)["factors"]
        maps = fit_latent_maps(shown, dataset.train.extras["latent"], count)
    states = model.discrete_path(latents, trials.ext_input)
    fields = [
        [
            region_field(model, latents, region, state, to_true=None if maps is None else maps[region])
            for state in range(model.params.n_states)
        ]
        for region in range(count)
    ]
    paths = latents if maps is None else _mapped(latents, maps)
    figure = plots.plot_region_fields(fields, paths, states, true=None if maps is None else true, regions=regions)
    space = "the model's latents" if maps is None else "the true latents, after a linear map of the model's"
    caption = f"In {space}; the other regions are at their means and there is no input."
    return Picture("Trajectories on the field of each state", caption, figure)


def _mapped(latents: np.ndarray, maps: Sequence[LatentMap]) -> np.ndarray:
    parts = np.split(latents, len(maps), -1)
    return np.concatenate([to_true(part) for to_true, part in zip(maps, parts, strict=True)], -1)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(one)}" for key, one in value.items())
    array = np.asarray(value, float)
    if array.ndim:
        return "; ".join(_shown(row) for row in array) if array.ndim > 1 else ", ".join(_shown(v) for v in array)
    return f"{float(array):.4g}"
