"""A page about a model of neurons with identities: hidden neurons beside regressions, latents, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis import html
from indl_vae.analysis.neuron_figures import neuron_figures
from indl_vae.analysis.neurons import (
    ImputationScores,
    active_units,
    canonical_correlations,
    imputation_scores,
    latents_of,
)
from indl_vae.analysis.plots import to_png
from indl_vae.data import Dataset

#: Names and meanings of what is scored, in the order of the page.
MEANINGS = {
    "model": "the model, which is not shown the neuron",
    "ridge_both": "ridge regression from the other neurons and behaviour",
    "ridge_neurons": "ridge regression from the other neurons",
    "ridge_behavior": "ridge regression from behaviour",
    "class_mean": "mean of the class in training windows",
    "permuted": "the model, asked for another class",
    "shown": "the model, shown the neuron",
}


class NeuronScores(NamedTuple):
    """Figures of a model of neurons.

    Attributes:
        imputation: R2 of hidden neurons.
        correlations: Canonical correlations of latents with the true ones, from directions found on training windows;
            empty where the truth is not known.
        active: Number of active latents.
    """

    imputation: ImputationScores
    correlations: np.ndarray
    active: int


def evaluate_neurons(model: Any, dataset: Dataset, split: str = "test", hidden: Any = 5, seed: int = 0) -> NeuronScores:
    """Scores a trained model.

    Args:
        model: A model that has `impute`.
        dataset: Its data. Extras named latent are true signals.
        split: Name of the split that is scored; baselines are fitted on train, their penalties chosen on valid.
        hidden: Groups of identities, as `imputation_scores` takes them.
        seed: Of the groups.
    """
    judged, train = dataset.splits[split], dataset.train
    imputed = imputation_scores(model, judged, hidden, train=train, valid=dataset.valid, seed=seed)
    loc, correlations = latents_of(model, judged)["loc"], np.zeros(0)
    if "latent" in judged.extras and "latent" in train.extras:
        fitted_on = latents_of(model, train)["loc"], train.extras["latent"]
        correlations = canonical_correlations(loc, judged.extras["latent"], fitted_on).correlations
    return NeuronScores(imputed, correlations, int(active_units(loc).sum()))


def write_neuron_page(
    model: Any,
    dataset: Dataset,
    path: Path | str,
    *,
    split: str = "test",
    scores: NeuronScores | None = None,
    names: Sequence[str] | None = None,
    behaviors: Sequence[str] | None = None,
    kl: tuple[Any, Any] | None = None,
) -> Path:
    """Writes a page that needs no other file.

    Args:
        model: A model that has `impute`.
        dataset: Its data.
        path: The page, .html.
        split: Name of the split that is shown.
        scores: Of `evaluate_neurons`; None to find them here.
        names: Of the identities, the first that of identity 0.
        behaviors: Names of the behaviours.
        kl: Epochs and divergences of latents, as `neuron_figures` takes them.

    Returns:
        The path.
    """
    windows = dataset.splits[split]
    scores = scores or evaluate_neurons(model, dataset, split)
    drawn = neuron_figures(model, windows, dataset.bin_width_s, names=names, behaviors=behaviors, kl=kl)
    pictures = [html.picture(title, caption, to_png(figure)) for title, caption, figure in drawn]
    facts = (
        f"{windows.n_trials} {split} windows of {windows.n_bins} bins; {len(scores.imputation.identities)} classes of "
        f"neurons; {scores.active} of {model.params.z_latent_size} latents active."
    )
    body = [
        f'<h1>Neurons that were not shown</h1>\n<p class="soft">{html.text(facts)}</p>',
        html.section("Hidden neurons, R2", html.table(["", html.Cell("mean"), html.Cell("median")], _rows(scores))),
        html.section("True signals", *_truth(scores.correlations)),
        html.section("Pictures", *pictures),
    ]
    path = Path(path)
    path.write_text(html.page("Neurons with identities", "\n".join(body)), encoding="utf-8")
    return path


def _rows(scores: NeuronScores) -> list[list[Any]]:
    found, mean = scores.imputation.r2, scores.imputation.mean
    number = lambda value: html.Cell(f"{value:.3f}", "number")  # noqa: E731
    return [[MEANINGS[key], number(mean[key]), number(np.nanmedian(found[key]))] for key in MEANINGS if key in found]


def _truth(correlations: np.ndarray) -> list[str]:
    if not len(correlations):
        return []
    numbers = ", ".join(f"{value:.3f}" for value in correlations)
    return [
        f"<p>Canonical correlations of latents with the true signals, directions of training windows: {numbers}.</p>"
    ]
