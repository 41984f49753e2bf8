"""metrics.csv: one row an epoch."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import keras

FIRST = ("epoch", "step", "learning_rate", "loss", "nll")
LAST_PREFIXES = ("ramp_", "val_")


def column_order(names: list[str]) -> list[str]:
    """Returns the columns in reading order: epoch and training scores, ramps, validation scores."""
    rest = sorted(set(names) - set(FIRST))
    tail = [n for prefix in LAST_PREFIXES for n in rest if n.startswith(prefix)]
    return [*(n for n in FIRST if n in names), *(n for n in rest if n not in tail), *tail]


class MetricsCSV(keras.callbacks.Callback):
    """Appends the logs of each epoch (counted from 1) and flushes, so that a killed run has all its rows.

    Args:
        path: Of the file; rows of a resumed run go on in it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = Path(path)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = {"epoch": epoch + 1, **{k: v for k, v in (logs or {}).items() if k != "ramps_over"}}
        new = not self.path.exists()
        columns = column_order(list(row)) if new else self._columns()
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
            if new:
                writer.writeheader()
            writer.writerow({k: v if isinstance(v, (int, str)) else f"{float(v):.9g}" for k, v in row.items()})

    def _columns(self) -> list[str]:
        with self.path.open(newline="") as file:
            return next(csv.reader(file))


def read_metrics(path: Path, before_epoch: int | None = None) -> list[dict[str, float]]:
    """Returns the rows of a metrics.csv as numbers; those of epochs >= `before_epoch` (counted from 1) are left out."""
    if not Path(path).exists():
        return []
    with Path(path).open(newline="") as file:
        rows = [{k: float(v) for k, v in row.items() if v not in ("", None)} for row in csv.DictReader(file)]
    return [row for row in rows if before_epoch is None or row["epoch"] < before_epoch]


def drop_rows_after(path: Path, epochs_done: int) -> None:
    """Removes rows of epochs that a resumed run will go through again; the others stay as they were written."""
    if not path.exists():
        return
    with path.open(newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]  # empty: killed before its first line
    kept = [row for row in rows if len(row) == len(header) and int(row[0]) <= epochs_done]
    if not kept:
        path.unlink()
        return
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="") as file:
        csv.writer(file).writerows([header, *kept])
    os.replace(part, path)
