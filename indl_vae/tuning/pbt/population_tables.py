"""The logs of a population, under the names that AutoLFADS gave them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.tuning.pbt.population import Population

STATE, EXPLOITS, VALUES = "pbt_state.csv", "exploits.csv", "gen_config.csv"


def write_tables(population: Population, folder: Path) -> None:
    """Writes pbt_state.csv (a row for each generation), exploits.csv (for each copy), gen_config.csv (each member)."""
    _write(folder / STATE, _generations(population))
    _write(folder / EXPLOITS, _exploits(population))
    _write(folder / VALUES, _values(population))


def _generations(population: Population) -> Iterable[dict[str, Any]]:
    scores, patience = population.best_scores(), max(1, population.settings.patience)
    for number, done in enumerate(population.history):
        window = scores[max(0, number + 1 - patience) : number + 1]
        mean = sum(map(abs, window)) / len(window)
        yield {
            "generation": done["generation"],
            "best_score": scores[number],
            "percent_improvement": 100.0 * (window[0] - min(window)) / max(mean, 1e-300),
            "duration_sec": done["seconds"],
            "epoch": done["epoch"],
            "without_score": sum(one["score"] is None for one in done["members"]),
        }


def _exploits(population: Population) -> Iterable[dict[str, Any]]:
    """A copy is listed in the generation at whose end it was made, with the scores of that one."""
    later: Sequence[Mapping[str, Any]] = [*population.history[1:], {"members": population.state["members"]}]
    for done, following in zip(population.history, later, strict=True):
        for member, one in enumerate(following["members"]):
            donor = one["copied"]
            if donor is None or (following is later[-1] and population.finished):
                continue
            yield {
                "generation": done["generation"],
                "old_trial": member,
                "new_trial": donor,
                "old_score": done["members"][member]["score"],
                "new_score": done["members"][donor]["score"],
            }


def _values(population: Population) -> Iterable[dict[str, Any]]:
    for done in population.history:
        for member, one in enumerate(done["members"]):
            yield {"generation": done["generation"], "trial": member, "score": one["score"], **one["values"]}


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row)) or ["generation"]
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(listed)
    os.replace(part, path)
