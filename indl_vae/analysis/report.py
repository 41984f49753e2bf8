"""One self-contained page about a run: figures of merit, pictures, parameters, data and how it was made."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from indl_vae.analysis import html
from indl_vae.analysis.dynamics_figures import dynamics_figures
from indl_vae.analysis.evaluate import COMPARED, NOT_SPLITS, best_row, evaluate, evaluate_rates, posterior_of
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.html import Cell
from indl_vae.analysis.neuron_figures import neuron_figures
from indl_vae.analysis.plots.canvas import to_png
from indl_vae.analysis.region_figures import region_figures
from indl_vae.analysis.report_figures import CaptionedFigure, figures_for, training_figure
from indl_vae.analysis.report_quality import group_parts, trial_parts
from indl_vae.analysis.session_views import session_views
from indl_vae.analysis.trial_quality import TrialQuality, trial_quality
from indl_vae.data.validate import holds_levels
from indl_vae.json_file import write_json

__all__ = ["build_report", "figures_for", "report_run", "write_report"]

#: The figures shown as tiles: key -> heading and unit. The first four that there are.
HEADLINES = {
    "bits_per_spike": ("Bits per spike", "over each neuron's mean; higher is better"),
    "co_bps": ("Co-smoothing", "bits per spike on held-out channels; higher is better"),
    "fp_bps": ("Forward prediction", "bits per spike in held-out bins; higher is better"),
    "r2_rates": ("Rates against truth", "R²; 1 is perfect"),
    "behavior_r2": ("Behaviour decoded from rates", "R²; 1 is perfect"),
    "nll": ("Poisson NLL", "nats per entry; lower is better"),
}
N_TILES = 4
NAMES = {
    "model": "this model",
    "train_mean": "train mean",
    "psth": "condition PSTH",
    "smoothing_glm": "smoothing + GLM",
}
PACKAGES = ("indl_vae", "tensorflow", "keras", "tensorflow-probability", "numpy", "scipy", "matplotlib")


def build_report(
    title: str,
    metrics: Mapping[str, Any],
    history_rows: Sequence[Mapping[str, Any]],
    figures: Iterable[tuple[str, str, Figure]],
    params: Mapping[str, Any],
    data_info: Mapping[str, Any],
    quality: TrialQuality | None = None,
) -> str:
    """Builds the page.

    Args:
        title: Heading of the page.
        metrics: What `evaluate` returned, or an empty mapping.
        history_rows: Rows of metrics.csv; their curves come last among the pictures.
        figures: `(title, caption, figure)` each.
        params: Parameters by name.
        data_info: What data.json says of the data: plain values, with sizes under "splits".
        quality: Scores of the trials of the compared split, or None.

    Returns:
        An HTML document that needs no other file.
    """
    rows = [dict(row) for row in history_rows]
    pictures = [*figures, *([training_figure(rows)] if rows else [])]
    body = [
        f"<h1>{html.text(title)}</h1>",
        f'<p class="soft">{html.text(_summary(rows, params))}</p>',
        html.section("How good it is", *_scores(metrics)),
        html.section("Trial by trial", *(trial_parts(quality) if quality is not None else [])),
        html.section(
            "What it found", *(html.picture(name, caption, to_png(figure)) for name, caption, figure in pictures)
        ),
        html.section("Data", *_data(data_info)),
        html.section("Parameters", _parameters(params)),
        html.section("How it was made", _provenance(rows, params)),
    ]
    return html.page(title, "\n".join(body))


def write_report(
    folder: str | Path,
    title: str,
    metrics: Mapping[str, Any],
    history_rows: Sequence[Mapping[str, Any]],
    figures: Iterable[CaptionedFigure],
    params: Mapping[str, Any],
    data_info: Mapping[str, Any],
    quality: TrialQuality | None = None,
) -> Path:
    """Writes `report.html` into `folder`, whole or not at all, and returns its path; arguments as `build_report`."""
    path = Path(folder) / "report.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".report.{os.getpid()}.part")
    page = build_report(title, metrics, history_rows, figures, params, data_info, quality)
    part.write_text(page, encoding="utf-8")
    os.replace(part, path)
    return path


def report_run(run: Any, samples: int = 50, seed: int = 0) -> Path:
    """Evaluates a run on its own data and writes its report, and the scores in it as `scores.json`.

    Of several sessions, the pictures and the trials are those of the first.

    Args:
        run: Has `params`, `model`, `history` (rows of metrics.csv), `folder` and `load_dataset()`.
        samples: Posterior samples averaged.
        seed: Seed of the samples and of the baselines' choices.

    Returns:
        Path of `report.html` in the run's folder.
    """
    dataset = run.load_dataset()
    views = session_views(run.model, dataset)
    model, part = next(iter(views.values()))
    held_out = HeldOut.from_params(run.params, part)
    shown = COMPARED if COMPARED in part.splits else next(iter(part.splits))
    wanted = part.splits if len(views) == 1 else {shown: part.splits[shown]}
    posteriors = {name: posterior_of(model, split, held_out, samples, seed) for name, split in wanted.items()}
    if len(views) == 1:
        rates = {name: arrays["rates"] for name, arrays in posteriors.items()}
        metrics = evaluate_rates(rates, part, held_out, seed, levels=holds_levels(run.params.get("likelihood", "")))
    else:
        metrics = evaluate(run.model, dataset, samples, seed)
    write_json(metrics, Path(run.folder) / "scores.json")
    figures = figures_for(posteriors[shown], part.splits[shown], part.bin_width_s)
    figures += dynamics_figures(model, part.splits[shown], part.bin_width_s)
    figures += region_figures(model, part.splits[shown], part.bin_width_s)
    figures += neuron_figures(model, part.splits[shown], part.bin_width_s)
    params = {**run.params}
    title = f"{params.get('family', 'model')} run {Path(run.folder).resolve().name}"
    scored = metrics[shown]["bits_per_spike"] is not None
    quality = trial_quality(posteriors[shown]["rates"], part.splits[shown], held_out) if scored else None
    return write_report(run.folder, title, metrics, run.history, figures, params, dataset.info(), quality)


def _summary(rows: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> str:
    family, preset = params.get("family", "unknown family"), params.get("preset", "default")
    trained = f"trained for {len(rows)} epoch{'s' if len(rows) != 1 else ''}" if rows else "no training on record"
    return f"{family}, preset {preset}, seed {params.get('seed', 'unknown')}; {trained}."


def _scores(metrics: Mapping[str, Any]) -> list[str]:
    splits = [name for name in metrics if name not in NOT_SPLITS]
    if not splits:
        return ['<p class="soft">This run has not been evaluated.</p>']
    units = metrics.get("units", {})
    parts = []
    if COMPARED in splits:
        rows = {"model": metrics[COMPARED], **metrics.get("baselines", {})}
        parts += [
            _tiles(rows),
            f"<p>Model and baselines on the {COMPARED} split; the best of a row is marked.</p>",
        ]
        parts.append(_score_table(rows, units))
    if len(splits) > 1:
        parts += [
            "<p>The model on every split.</p>",
            _score_table({name: metrics[name] for name in splits}, units, mark=False),
        ]
    sessions = {name: one.get(COMPARED) for name, one in (metrics.get("sessions") or {}).items()}
    if sessions:
        parts += [
            f"<p>The model on the {COMPARED} split of every session.</p>",
            _score_table(sessions, units, mark=False),
        ]
    parts += group_parts((metrics.get("channel_groups") or {}).get(COMPARED))
    meanings = "".join(f"<dt>{html.text(key)}</dt><dd>{html.text(words)}</dd>" for key, words in units.items())
    return [*parts, html.folded("What the figures mean", f'<dl class="small">{meanings}</dl>')] if meanings else parts


def _tiles(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    keys = [key for key in HEADLINES if rows["model"].get(key) is not None][:N_TILES]
    tiles = [
        html.tile(
            HEADLINES[key][0],
            rows["model"][key],
            HEADLINES[key][1],
            {NAMES.get(n, n): r.get(key) for n, r in rows.items()},
        )
        for key in keys
    ]
    return f'<div class="tiles">{"".join(tiles)}</div>' if tiles else ""


def _score_table(rows: Mapping[str, Mapping[str, float | None]], units: Mapping[str, str], mark: bool = True) -> str:
    known = dict.fromkeys([*units, *(key for row in rows.values() for key in row)])
    keys = [key for key in known if any(row.get(key) is not None for row in rows.values())]
    names = [name for name, row in rows.items() if any(row.get(key) is not None for key in keys)]
    body = []
    for key in keys:
        best = best_row(dict(rows), key) if mark else ""
        cells = [Cell(html.number(rows[name].get(key)), "number best" if name == best else "number") for name in names]
        body.append([Cell(key), *cells])
    return html.table([Cell(""), *(Cell(NAMES.get(name, name), "number") for name in names)], body)


def _data(info: Mapping[str, Any]) -> list[str]:
    splits = info.get("splits") or {}
    facts = [
        [Cell(_words(key)), Cell(_value(value), "word")]
        for key, value in info.items()
        if key != "splits" and value not in (None, "", {}, [])
    ]
    parts = [html.table([], facts)] if facts else []
    if splits:
        keys = list(dict.fromkeys(key for split in splits.values() for key in split))
        rows = [
            [Cell(_words(key)), *(Cell(_value(split.get(key)), "word") for split in splits.values())] for key in keys
        ]
        parts.append(html.table([Cell(""), *(Cell(name) for name in splits)], rows))
    return parts


def _parameters(params: Mapping[str, Any]) -> str:
    rows = [[Cell(name), Cell(_value(value), "word")] for name, value in params.items()]
    return html.folded(f"All {len(rows)} parameters", html.table([Cell("name"), Cell("value")], rows)) if rows else ""


def _provenance(rows: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> str:
    facts = {name: _version(name) for name in PACKAGES}
    facts |= {"Python": platform.python_version(), "system": platform.platform(terse=True)}
    if rows:
        facts["last epoch"] = html.number(rows[-1].get("epoch"))
        facts["optimiser steps"] = html.number(rows[-1].get("step"))
    words = (
        "Scores and pictures are of best.keras, the weights with the best selection score once all ramps had ended, "
        "with rates averaged over posterior samples. Baselines were fitted on the training split. The parameters "
        "above, the data whose checksum stands above, and the seed make the run again: indl-vae train --config "
        "params.yaml --data DATA --out RUN. This page was written by indl-vae report RUN."
    )
    return f"<p>{html.text(words)}</p>" + html.table(
        [], [[Cell(key), Cell(_value(value))] for key, value in facts.items()]
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not an installed package"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{_words(str(key))}: {_value(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(inner) for inner in value) or "none"
    return html.number(value)
