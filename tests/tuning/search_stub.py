"""Searches whose trials are trained by a stand-in."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tuning.stub import table, write_npy

HERE = Path(__file__).parent
COMMAND = (sys.executable, str(HERE / "trial_stand_in.py"))
WORKER = (sys.executable, str(HERE / "worker_stand_in.py"))
#: What the stand-in's trials have in common.
SETTINGS = {"select_on": "hidden", "n_epochs": 3, "kl_ramp_length": 0}
SPACE = {"learning_rate": {"low": 1e-5, "high": 1e-1, "scale": "log"}}


def stub_tune(folder: Path, space=SPACE, settings=(), **options):
    """Searches into folder/search and returns the rows and the lines of progress."""
    from indl_vae.tuning import tune

    said: list[str] = []
    data = folder / "x.npy" if (folder / "x.npy").exists() else write_npy(folder)
    options = {"tuner": "random", "trials": 4, **options}
    rows = tune(
        "dendplrnn", data, folder / "search", space, settings={**SETTINGS, **dict(settings)}, command=COMMAND,
        worker_command=WORKER, report=said.append, **options,
    )  # fmt: skip
    return rows, said


def starts(folder: Path, trial: str) -> list[int]:
    """Returns the epochs that were done each time the training of a trial was started."""
    return [int(line) for line in (folder / "search/trials" / trial / "run/starts.txt").read_text().split()]


__all__ = ["COMMAND", "SETTINGS", "SPACE", "WORKER", "starts", "stub_tune", "table", "write_npy"]
