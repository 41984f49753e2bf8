"""Scans whose members are trained by a stand-in, and the tables that they write."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from indl_vae.tuning import Argument, scan

COMMAND = (sys.executable, str(Path(__file__).with_name("stand_in.py")))
ARGUMENTS = [Argument("dim_z", [5, 6], "z"), Argument("n_bases", [1, 2], "b")]


def write_npy(folder: Path, seed: int = 0) -> Path:
    """Writes data that the family takes, and returns their path."""
    path = folder / "x.npy"
    np.save(path, np.random.default_rng(seed).normal(size=(20, 12, 3)).astype("float32"))
    return path


def stub_scan(folder: Path, arguments=ARGUMENTS, **options):
    """Scans into folder/scan and returns the rows and the lines of progress."""
    said: list[str] = []
    data = folder / "x.npy" if (folder / "x.npy").exists() else write_npy(folder)
    rows = scan("dendplrnn", data, folder / "scan", arguments, command=COMMAND, report=said.append, **options)
    return rows, said


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
