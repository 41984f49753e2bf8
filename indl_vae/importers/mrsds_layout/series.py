"""Scores over the course of training: those of every epoch, and those of each time that the model was evaluated."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

Row = dict[str, float]


class Evaluations:
    """Rows of numbers in a file, a line each, so that a run that is killed has all of them.

    Args:
        path: Of the file; what is in it is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True) if self.path.is_file() else []
        self.rows: list[Row] = [_read(line) for line in lines if line.endswith("\n")]  # the last may be half a line

    def add(self, epoch: int, values: Mapping[str, float]) -> None:
        """Adds the row of an evaluation after an epoch, counted from 0."""
        self.rows.append({"epoch": epoch, **values})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(self.rows[-1]))

    def forget_from(self, epoch: int) -> None:
        """Leaves out the rows of epochs that are gone through again."""
        self.rows = [row for row in self.rows if row["epoch"] < epoch]
        part = self.path.with_name(f".{self.path.name}.part")
        part.write_text("".join(map(_line, self.rows)), encoding="utf-8")
        os.replace(part, self.path)


def columns_of(rows: Sequence[Mapping[str, float]]) -> dict[str, np.ndarray]:
    """Returns every column of some rows but the epoch as an array `(n,)`; NaN where a row has no number."""
    names = dict.fromkeys(name for row in rows for name in row if name != "epoch")
    return {name: np.array([row.get(name, math.nan) for row in rows]) for name in names}


def epoch_row(logs: Mapping[str, float], iterations: int) -> Row:
    """Returns the numbers of an epoch under the published names.

    Args:
        logs: The epoch's scores, or its row of metrics.csv.
        iterations: Training steps until then.
    """
    kl, negative = (float(logs.get(name, math.nan)) for name in ("kl_z", "neg_elbo"))
    return {
        "iterations": iterations,
        "elbos": -negative,
        "log_pys": kl - negative,
        "kls": kl,
        "lrs": float(logs.get("learning_rate", math.nan)),
        "temps": float(logs.get("temperature", 1.0)),
        "betas": float(logs.get("beta", 1.0)) * float(logs.get("ramp_kl", 1.0)),
    }


def _line(row: Row) -> str:
    plain = {name: value if math.isfinite(value) else None for name, value in row.items()}
    return json.dumps(plain, allow_nan=False) + "\n"


def _read(line: str) -> Row:
    return {name: math.nan if value is None else value for name, value in json.loads(line).items()}
