"""What came out of a scan, in two tables."""

from __future__ import annotations

import csv
import math
import os
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from indl_vae.run_folder import RunFolder
from indl_vae.tuning.member import Member

#: What a run is selected by, the first column that there is.
_SELECTED = ("val_selection", "val_loss", "loss")


def write_tables(out: Path, members: Sequence[Member]) -> list[dict[str, Any]]:
    """Writes scan.csv and scan_summary.csv and returns the rows of the former."""
    rows = [row_of(member) for member in members]
    _write(rows, out / "scan.csv")
    _write(summary(rows), out / "scan_summary.csv")
    return rows


def row_of(member: Member) -> dict[str, Any]:
    """Returns a member's row: what it is, how it ended, and the scores of its best epoch."""
    outcome = member.outcome()
    code = outcome.get("exit_code")
    status = "finished" if member.is_finished() else "not started" if code is None else "failed"
    row: dict[str, Any] = {"name": member.name, "run": member.number, **member.settings, "status": status}
    row |= {"exit_code": code, "seconds": outcome.get("seconds"), "folder": str(member.folder)}
    row["said"] = member.last_words() if status == "failed" and member.log.exists() else ""
    return row | _scores(RunFolder(member.folder).metrics)


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns a row for each name: how many runs finished, which did not, mean and deviation of each score."""
    made = []
    for name in dict.fromkeys(row["name"] for row in rows):
        own = [row for row in rows if row["name"] == name]
        good = [row for row in own if row["status"] == "finished"]
        bad = " ".join(str(row["run"]) for row in own if row["status"] != "finished")
        line = {"name": name, "finished": len(good), "not_finished": bad}
        scores = dict.fromkeys(key for row in good for key in row if key.startswith(("val_", "loss", "epochs")))
        for score in scores:
            values = [row[score] for row in good if isinstance(row.get(score), float) and math.isfinite(row[score])]
            if values:
                line |= {f"{score}_mean": statistics.fmean(values), f"{score}_std": statistics.pstdev(values)}
        made.append(line)
    return made


def _scores(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        history = [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]
    if not history:
        return {}
    column = next(name for name in _SELECTED if name in history[0])
    finite = [row for row in history if math.isfinite(row.get(column, math.nan))]
    best = min(finite or history, key=lambda row: row.get(column, math.inf))
    scores = {name: value for name, value in best.items() if name.startswith("val_") or name == "loss"}
    return {"epochs": float(len(history)), "best_epoch": best.get("epoch"), **scores}


def _write(rows: Sequence[dict[str, Any]], path: Path) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(part, path)
