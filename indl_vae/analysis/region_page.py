"""A page about a trained model of several regions: its figures, and pictures of states, messages and dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.analysis import html
from indl_vae.analysis.plots import to_png
from indl_vae.analysis.region_figures import region_figures
from indl_vae.analysis.regions import evaluate_regions
from indl_vae.data import Dataset

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
    names = {"regions": regions, "inputs": inputs}
    drawn = region_figures(model, trials, dataset.bin_width_s, fitted_on=dataset.train, samples=samples, **names)
    pictures = [html.picture(title, caption, to_png(figure)) for title, caption, figure in drawn]
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


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(one)}" for key, one in value.items())
    array = np.asarray(value, float)
    if array.ndim:
        return "; ".join(_shown(row) for row in array) if array.ndim > 1 else ", ".join(_shown(v) for v in array)
    return f"{float(array):.4g}"
