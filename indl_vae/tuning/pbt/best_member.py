"""The best member of a population, as a run folder of its own."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import Any

from indl_vae.json_file import write_json
from indl_vae.run_folder import RunFolder
from indl_vae.training.checkpoints import MODEL_FILE, Checkpoints
from indl_vae.tuning.member import read_json
from indl_vae.tuning.pbt.population import Population


def keep_best(population: Population, out: Path) -> Path:
    """Makes `out/best` a run folder with the model of the best score so far; does nothing where it is that already.

    metrics.csv follows the model back through the members that it was copied from.
    """
    best, files = population.state["best"], RunFolder(out / "best")
    mark = files.path / "member.json"
    if read_json(mark, None) == best:
        return files.path
    member = RunFolder(out / "members" / f"{best['member']:03d}")
    state = Checkpoints(member.checkpoints).of_epoch(population.epochs_after(best["generation"]))
    if state is None:
        return files.path  # an interruption came between the score and this; it is too old to be copied now
    files.path.mkdir(parents=True, exist_ok=True)
    for source, target in (
        (state / MODEL_FILE, files.best),
        (member.params, files.params),
        (member.data, files.data),
    ):
        _copy(source, target)
    _write_rows(lineage_rows(population, out, best["member"], best["generation"]), files.metrics)
    write_json(best, mark)
    return files.path


def lineage(population: Population, member: int, generation: int) -> list[int]:
    """Returns which member the model was in each generation, from the first to the one that is asked for."""
    path = [member]
    for done in reversed(population.history[1:generation]):
        copied = done["members"][path[-1]]["copied"]
        path.append(path[-1] if copied is None else copied)
    return path[::-1]


def lineage_rows(population: Population, out: Path, member: int, generation: int) -> list[dict[str, Any]]:
    """Returns the rows of metrics.csv of a model's past, each from the member that it was at that time."""
    rows = []
    for number, one in enumerate(lineage(population, member, generation), 1):
        first, last = population.epochs_after(number - 1), population.epochs_after(number)
        with RunFolder(out / "members" / f"{one:03d}").metrics.open(newline="") as file:
            rows += [row for row in csv.DictReader(file) if first < int(row["epoch"]) <= last]
    return rows


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    os.replace(part, target)


def _write_rows(rows: list[dict[str, Any]], path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.replace(part, path)
