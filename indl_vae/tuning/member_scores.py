"""The scores of a member: those of its best epoch, and those of its evaluation."""

from __future__ import annotations

import csv
from pathlib import Path

from indl_vae.data.keys import SPLITS
from indl_vae.run_folder import RunFolder
from indl_vae.tuning.member import Member, read_json

#: The index of a run's best models.
_BEST = "checkpoint_lve"


def scores_of(member: Member) -> dict[str, float]:
    """Returns epochs, best_epoch, loss and val_* of the epoch whose model is kept, and {split}_* of `evaluate`.

    The kept model is the best one after the ramps, and the last one of a run that ended before they did. What is not
    there has no key.
    """
    files = RunFolder(member.folder)
    history = rows_of(files.metrics)
    if not history:
        return {}
    kept = read_json(files.checkpoints / _BEST, [])
    epoch = kept[-1]["epoch"] if kept else history[-1]["epoch"]
    best = next((row for row in history if row["epoch"] == epoch), {})
    scores = {name: value for name, value in best.items() if name == "loss" or name.startswith("val_")}
    return {"epochs": history[-1]["epoch"], "best_epoch": epoch, **scores, **_evaluation(member.scores_file)}


def _evaluation(path: Path) -> dict[str, float]:
    found = read_json(path, {})
    return {
        f"{split}_{name}": float(value)
        for split in SPLITS
        for name, value in found.get(split, {}).items()
        if isinstance(value, (int, float))
    }


def rows_of(path: Path) -> list[dict[str, float]]:
    """Returns the rows of a metrics.csv as numbers; one that was cut short when a process was killed is left out."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if None not in row.values()]
    return [{name: float(value) for name, value in row.items() if value} for row in rows]
