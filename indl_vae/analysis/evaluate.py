"""Scores of a trained model and of the baselines on the same split, as the JSON of `indl-vae evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from indl_vae.analysis.baselines import BASELINES
from indl_vae.analysis.channel_groups import channel_groups, score_groups
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.pooled_scores import pooled_scores
from indl_vae.analysis.scores import OF_COUNTS, UNITS, Scores, empty_scores, score_rates
from indl_vae.analysis.session_views import session_views
from indl_vae.analysis.trial_quality import TrialQuality, qualities, write_trials_csv
from indl_vae.data.validate import holds_levels
from indl_vae.errors import DataError
from indl_vae.json_file import write_json

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset
    from indl_vae.data.split import Split

#: The split on which model and baselines are compared.
COMPARED = "valid"
#: Keys of an evaluation that are not the name of a split.
NOT_SPLITS = ("baselines", "units", "channel_groups", "sessions")

Evaluation = dict[str, Any]


def evaluate(
    model: Any,
    dataset: Dataset,
    samples: int = 50,
    seed: int = 0,
    per_trial: dict[str, TrialQuality] | None = None,
) -> Evaluation:
    """Scores a model on every split there is, and the baselines on the validation split.

    Held-out channels and bins (`heldout_channels`, `heldout_bins` of the model's params) are set to 0 before the model
    gets a split, and the baselines do not look at them either.

    Args:
        model: Has `params` and `posterior(split, samples, seed)`, which returns arrays with "rates" `(B, T, N)`.
        dataset: The data; scores are given for the splits that it has.
        samples: Posterior samples averaged to rates.
        seed: Seed of the samples and of the baselines' choices.
        per_trial: Filled with the scores of every trial, by split ("session/split" where there are several), if given.

    Returns:
        `{"train": scores, "valid": scores, "test": scores, "baselines": {name: scores}, "units": {...},
        "channel_groups": {split: {group: scores}}}`; the keys of the scores are those of
        `indl_vae.analysis.scores.UNITS`, absent figures are None, and so is channel_groups for data without groups
        (see `indl_vae.analysis.channel_groups`). Of several sessions the scores are over all of them, and "sessions"
        holds the evaluation of each.

    Raises:
        DataError: If the model's rates do not fit the data or are not finite, or scores of trials are wanted of data
            that are not counts.
    """
    views = session_views(model, dataset)
    if len(views) > 1:
        return _evaluate_sessions(views, samples, seed, per_trial)
    ((model, dataset),) = views.values()
    held_out = HeldOut.from_params(model.params, dataset)
    likelihood = model.params.get("likelihood", "")
    if per_trial is not None and holds_levels(likelihood):
        raise DataError(
            f"per_trial: expected counts to score trials of, got levels (likelihood {likelihood!r}); leave it out."
        )
    rates = _rates_of(model, dataset, held_out, samples, seed)
    if per_trial is not None:
        per_trial |= qualities(rates, dataset, held_out)
    return evaluate_rates(rates, dataset, held_out, seed, levels=holds_levels(likelihood))


def _evaluate_sessions(
    views: dict[str, tuple[Any, Dataset]], samples: int, seed: int, per_trial: dict[str, TrialQuality] | None
) -> Evaluation:
    """Evaluates each session by itself, and pools the scores."""
    each = {}
    for name, (view, part) in views.items():
        found: dict[str, TrialQuality] = {}
        each[name] = evaluate(view, part, samples, seed, None if per_trial is None else found)
        if per_trial is not None:
            per_trial |= {f"{name}/{split}": quality for split, quality in found.items()}
    parts = {name: part for name, (_, part) in views.items()}
    held_out = {name: HeldOut.from_params(view.params, part) for name, (view, part) in views.items()}

    def pooled(split: str, scores: dict[str, Scores]) -> Scores:
        return pooled_scores(scores, {name: part.splits[split] for name, part in parts.items()}, held_out)

    splits = next(iter(parts.values())).splits
    return {
        **{split: pooled(split, {name: one[split] for name, one in each.items()}) for split in splits},
        "baselines": {
            row: pooled(COMPARED, {name: one["baselines"][row] for name, one in each.items()})
            for row in BASELINES.names()
        },
        "units": dict(UNITS),
        "channel_groups": None,
        "sessions": {name: {k: v for k, v in one.items() if k != "units"} for name, one in each.items()},
    }


def _rates_of(model: Any, dataset: Dataset, held_out: HeldOut, samples: int, seed: int) -> dict[str, np.ndarray]:
    return {
        name: posterior_of(model, split, held_out, samples, seed)["rates"] for name, split in dataset.splits.items()
    }


def posterior_of(model: Any, split: Split, held_out: HeldOut, samples: int, seed: int) -> dict[str, np.ndarray]:
    """Returns the model's posterior arrays for a split whose held-out counts are hidden from it.

    Raises:
        DataError: If the rates are not finite.
    """
    arrays = model.posterior(held_out.hide(split), samples=samples, seed=seed)
    finite = np.isfinite(arrays["rates"])
    if not finite.all():
        trial = int(np.argwhere(~finite)[0][0])
        raise DataError(
            f"rates of {split.name}: expected finite numbers, got NaN or infinity, first in trial {trial}. The "
            "weights or this trial's data are not finite: look at the data, or train again with a lower "
            "learning_rate."
        )
    return arrays


def evaluate_rates(
    rates: dict[str, np.ndarray], dataset: Dataset, held_out: HeldOut, seed: int = 0, levels: bool = False
) -> Evaluation:
    """Scores rates that were inferred already, by split; otherwise as `evaluate`.

    Args:
        rates: By split.
        dataset: As for `evaluate`.
        held_out: What the model was not shown.
        seed: Seed of the baselines' choices.
        levels: Whether the data are numbers of levels: they look like counts, and their scores as counts are absent.
    """
    splits = dataset.splits
    train = (rates["train"], splits["train"]) if "train" in splits else None
    result: Evaluation = {
        name: score_rates(rates[name], split, held_out, None if name == "train" else train)
        for name, split in splits.items()
    }
    groups = channel_groups(dataset, held_out)
    by_group = {name: score_groups(rates[name], split, groups, held_out) for name, split in splits.items()}
    result |= {"baselines": score_baselines(dataset, held_out, seed)}
    if levels:
        result, by_group = _without_counts(result), _without_counts(by_group)
    return result | {"units": dict(UNITS), "channel_groups": by_group if groups else None}


def _without_counts(scores: dict[str, Any]) -> dict[str, Any]:
    """Returns nested scores in which those of counts are absent."""
    return {
        key: _without_counts(value) if isinstance(value, dict) else None if key in OF_COUNTS else value
        for key, value in scores.items()
    }


def score_baselines(dataset: Dataset, held_out: HeldOut, seed: int = 0) -> dict[str, Scores]:
    """Fits every baseline on the training split and scores it on the validation split.

    A baseline that the data do not allow (no condition labels; data that are not counts; a split missing) has absent
    figures only.
    """
    train, valid = dataset.splits.get("train"), dataset.splits.get(COMPARED)
    scores = {}
    for name in BASELINES.names():
        baseline = BASELINES.get(name)(seed=seed)
        possible = train is not None and valid is not None and baseline.applies(train, valid)
        scores[name] = _score_baseline(baseline, train, valid, held_out) if possible else empty_scores()
    return scores


def _score_baseline(baseline: Any, train: Split, valid: Split, held_out: HeldOut) -> Scores:
    baseline.fit(train, held_out)
    decoded = train.behavior is not None and valid.behavior is not None
    fitted = (baseline.predict(held_out.hide(train)), train) if decoded else None
    return score_rates(baseline.predict(held_out.hide(valid)), valid, held_out, fitted)


def evaluate_to_json(
    model: Any,
    dataset: Dataset,
    path: str | Path,
    samples: int = 50,
    seed: int = 0,
    per_trial: str | Path | None = None,
) -> Evaluation:
    """Evaluates and writes the result to `path`.

    Args:
        model: As for `evaluate`, and so are `dataset`, `samples` and `seed`.
        dataset: The data.
        path: The JSON file.
        samples: Posterior samples averaged.
        seed: Seed.
        per_trial: CSV file for the scores of every trial (see `indl_vae.analysis.trial_quality`), or None.

    Returns:
        That of `evaluate`.

    Raises:
        DataError: As `evaluate`, or scores of trials are wanted of data that are not counts.
    """
    found: dict[str, TrialQuality] = {}
    result = evaluate(model, dataset, samples, seed, None if per_trial is None else found)
    write_json(result, path)
    if per_trial is not None:
        write_trials_csv(per_trial, found)
    return result


def evaluation_table(result: Evaluation, split: str = COMPARED) -> Table:
    """Returns a table for the terminal: the model's scores on `split` beside those of the baselines.

    The best figure of each column is bold. Columns in which nobody has a figure are left out.

    Raises:
        DataError: If the evaluation holds no such split.
    """
    if split not in result:
        known = ", ".join(key for key in result if key not in NOT_SPLITS)
        raise DataError(f"split: {split!r} is not in this evaluation, which has {known}.")
    rows = {"model": result[split]} | (result["baselines"] if split == COMPARED else {})
    keys = [key for key in result["units"] if any(row.get(key) is not None for row in rows.values())]
    table = Table(title=f"Scores on {split}", caption="nll: lower is better; all others: higher is better. Bold: best.")
    table.add_column("", no_wrap=True)
    for key in keys:
        table.add_column(key, justify="right", no_wrap=True)
    best = {key: best_row(rows, key) for key in keys}
    for name, row in rows.items():
        if any(row.get(key) is not None for key in keys):
            table.add_row(name, *(_cell(row.get(key), best[key] == name) for key in keys))
    return table


def best_row(rows: dict[str, Scores], key: str) -> str:
    """Returns the name of the row with the best figure under `key`: the lowest of an nll, else the highest."""
    sign = -1.0 if key.startswith("nll") else 1.0
    known = {name: sign * value for name, row in rows.items() if (value := row.get(key)) is not None}
    return max(known, key=known.__getitem__, default="")


def _cell(value: float | None, bold: bool) -> str:
    if value is None:
        return "-"
    return f"[bold]{value:.4f}[/bold]" if bold else f"{value:.4f}"
