"""Scores of a trained model and of the baselines on the same split, as the JSON of `indl-vae evaluate`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from indl_vae.analysis.baselines import BASELINES
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.scores import UNITS, empty_scores, score_rates
from indl_vae.errors import DataError

if TYPE_CHECKING:
    from indl_vae.data import Dataset

#: The split on which model and baselines are compared.
COMPARED = "valid"

Evaluation = dict[str, Any]


def evaluate(model: Any, dataset: Dataset, samples: int = 50, seed: int = 0) -> Evaluation:
    """Scores a model on every split there is, and the baselines on the validation split.

    Held-out channels and bins (`heldout_channels`, `heldout_bins` of the model's params) are set to 0 before the model
    gets a split, and the baselines do not look at them either.

    Args:
        model: Has `params` and `posterior(split, samples, seed)`, which returns arrays with "rates" `(B, T, N)`.
        dataset: The data; `dataset.test` may be None.
        samples: Posterior samples averaged to rates.
        seed: Seed of the samples and of the baselines' choices.

    Returns:
        `{"train": scores, "valid": scores, ["test": scores], "baselines": {name: scores}, "units": {...}}`; the keys of
        the scores are those of `indl_vae.analysis.scores.UNITS`, absent figures are None.

    Raises:
        DataError: If the model's rates do not fit the data or are not finite.
    """
    held_out = HeldOut.from_params(model.params, dataset.train.n_channels)
    splits = {split.name: split for split in (dataset.train, dataset.valid, dataset.test) if split is not None}
    rates = {name: posterior_rates(model, held_out.hide(split), samples, seed) for name, split in splits.items()}
    train = (rates["train"], dataset.train)
    result: Evaluation = {
        name: score_rates(rates[name], split, held_out, None if name == "train" else train)
        for name, split in splits.items()
    }
    result["baselines"] = score_baselines(dataset, held_out, seed)
    result["units"] = dict(UNITS)
    return result


def posterior_rates(model: Any, split: Any, samples: int, seed: int) -> np.ndarray:
    """Returns the model's averaged rates for a split.

    Raises:
        DataError: If they are not finite.
    """
    rates = np.asarray(model.posterior(split, samples=samples, seed=seed)["rates"])
    if not np.isfinite(rates).all():
        trial = int(np.argwhere(~np.isfinite(rates))[0][0])
        raise DataError(
            f"rates of {split.name}: expected finite numbers, got NaN or infinity first in trial {trial}. The weights or this "
            "trial's data are not finite: train again with a lower learning_rate, or inspect the data."
        )
    return rates


def score_baselines(dataset: Dataset, held_out: HeldOut, seed: int = 0) -> dict[str, dict[str, float | None]]:
    """Fits every baseline on the training split and scores it on the validation split.

    A baseline that the data do not allow (no condition labels; data that are not counts) has absent figures only.
    """
    scores = {}
    for name in BASELINES.names():
        baseline = BASELINES.get(name)(seed=seed)
        if not baseline.applies(dataset.train, dataset.valid):
            scores[name] = empty_scores()
            continue
        baseline.fit(dataset.train, held_out)
        decoded = dataset.train.behavior is not None and dataset.valid.behavior is not None
        train = (baseline.predict(held_out.hide(dataset.train)), dataset.train) if decoded else None
        scores[name] = score_rates(baseline.predict(held_out.hide(dataset.valid)), dataset.valid, held_out, train)
    return scores


def evaluate_to_json(model: Any, dataset: Dataset, path: str | Path, samples: int = 50, seed: int = 0) -> Evaluation:
    """Evaluates and writes the result to `path`; arguments and result are those of `evaluate`."""
    result = evaluate(model, dataset, samples, seed)
    write_json(result, path)
    return result


def write_json(content: Evaluation, path: str | Path) -> Path:
    """Writes `content` as strict JSON (no NaN), whole or not at all: a reader never meets half a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    return path


def evaluation_table(result: Evaluation, split: str = COMPARED) -> Table:
    """Returns a table for the terminal: the model's scores on `split` beside those of the baselines.

    The best figure of each column is bold. Columns in which nobody has a figure are left out.

    Raises:
        DataError: If the evaluation holds no such split.
    """
    if split not in result:
        known = ", ".join(key for key in result if key not in ("baselines", "units"))
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


def best_row(rows: dict[str, dict[str, float | None]], key: str) -> str:
    """Returns the name of the row with the best figure under `key`: the lowest of an nll, else the highest."""
    sign = -1.0 if key.startswith("nll") else 1.0
    known = {name: sign * value for name, row in rows.items() if (value := row.get(key)) is not None}
    return max(known, key=known.__getitem__, default="")


def _cell(value: float | None, bold: bool) -> str:
    if value is None:
        return "-"
    return f"[bold]{value:.4f}[/bold]" if bold else f"{value:.4f}"
