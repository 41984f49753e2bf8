"""One self-contained page about several models of the same trials: their figures and what each has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from compare_pictures import pictures_of
from compare_scores import OF_RATES

from indl_vae.analysis import html
from indl_vae.analysis.evaluate import best_row
from indl_vae.analysis.html import Cell
from indl_vae.analysis.plots import to_png
from indl_vae.data import Dataset
from indl_vae.training import Run

NAMES = {
    "lfads": "LFADS",
    "dsae_full": "DSAE, full",
    "dsae_factorized": "DSAE, factorized",
    "fhvae": "FHVAE",
    "train_mean": "train mean",
    "psth": "condition PSTH",
    "smoothing_glm": "smoothing + GLM",
    "chance": "chance",
    "seen_spikes": "seen spikes",
}
ROWS = {
    "co_bps": "bits per spike, held-out channels",
    "bits_per_spike": "bits per spike, seen channels",
    "r2_rates": "rates against truth, R²",
    "behavior_r2": "behaviour from rates, R²",
    "kl_f": "KL of f (nats a trial)",
    "kl_z": "KL of z (nats a trial)",
    "seconds": "seconds of training",
}
HOW = (
    "Every model was given the same trials without the held-out channels, and was chosen by how well it predicts these "
    "on the validation trials. What a latent tells is the accuracy of a linear probe of posterior means, trained on "
    "training trials; beside it stand the same probe of the seen spikes, and the share of the most frequent label "
    "(chance). Where f and z are apart, f tells what stays the same in a trial, and z what happens when. In rows "
    "of rates the best model or baseline is marked."
)


def write_page(result: Mapping[str, Any], runs: Mapping[str, Run], dataset: Dataset, path: Path) -> Path:
    """Writes the page and returns its path.

    Args:
        result: From `compare_scores.compare`.
        runs: The runs by name of the model, from which the pictures are drawn.
        dataset: Of all runs.
        path: The file.
    """
    title = f"{len(runs)} models of the same spikes"
    sizes = ", ".join(f"{split.n_trials} {name}" for name, split in dataset.splits.items())
    trial = f"{dataset.train.n_bins} bins x {dataset.train.n_channels} channels"
    facts = f"Trials: {sizes}, each {trial}; figures and pictures are of the {result['split']} trials."
    meanings = "".join(f"<dt>{html.text(k)}</dt><dd>{html.text(v)}</dd>" for k, v in result["units"].items())
    body = [
        f'<h1>{html.text(title)}</h1>\n<p class="soft">{html.text(facts)}</p>',
        html.section("Figures", html.text(HOW).join(("<p>", "</p>")), figures_table(result)),
        html.folded("What the figures mean", f'<dl class="small">{meanings}</dl>'),
        *(html.section(NAMES.get(name, name), *drawn(name, run, dataset)) for name, run in runs.items()),
    ]
    path.write_text(html.page(title, "\n".join(body)), encoding="utf-8")
    return path


def figures_table(result: Mapping[str, Any]) -> str:
    """Returns the table: a row for each figure, a column for each model and baseline."""
    columns = {**result["models"], **result["baselines"]}
    if result["chance"]:
        columns |= {"seen_spikes": of_labels(result["seen_spikes"]), "chance": of_labels(result["chance"])}
    keys = dict.fromkeys(key for row in result["models"].values() for key in row)
    header = [Cell(""), *(Cell(NAMES.get(name, name), "number") for name in columns)]
    return html.table(header, [row_of(key, columns, result["models"]) for key in keys])


def of_labels(values: Mapping[str, float]) -> dict[str, float]:
    """Returns a label's value under the names of the figures of f and of z."""
    return {f"{label} from {latent}": value for label, value in values.items() for latent in ("f", "z")}


def row_of(key: str, columns: Mapping[str, Mapping[str, Any]], models: Sequence[str]) -> list[Cell]:
    """Returns a figure of every column, the best one marked where one is better than another."""
    known = {name: row.get(key) for name, row in columns.items()}
    best = best_row(dict(columns), key) if key in OF_RATES else ""
    places = {"weights": 0, "epochs": 0, "seconds": 0, "kl_f": 1, "kl_z": 1}.get(key, 3)
    cells = [
        Cell("–" if value is None else f"{value:,.{places}f}", "number best" if name == best else "number")
        for name, value in known.items()
    ]
    return [Cell(ROWS.get(key, key)), *cells]


def drawn(name: str, run: Run, dataset: Dataset) -> list[str]:
    """Returns the pictures of one model."""
    return [html.picture(title, caption, to_png(figure)) for title, caption, figure in pictures_of(name, run, dataset)]
