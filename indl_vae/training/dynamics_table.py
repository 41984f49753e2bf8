"""The dynamics of every model under a folder, in one table."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.analysis.dynamics import METRICS, evaluate_dynamics
from indl_vae.data.split import Split
from indl_vae.errors import RunError
from indl_vae.run_folder import RunFolder
from indl_vae.training.run import Run

#: What distinguishes runs, beside their folder.
_SETTINGS = ("training", "latent_step", "z_latent_size", "n_bases", "seed")


def run_folders(folder: str | Path) -> list[Path]:
    """Returns the run folders at or below a folder, sorted: those that hold params.yaml and best.keras.

    Raises:
        RunError: There is none.
    """
    found = sorted(path.parent for path in Path(folder).rglob("params.yaml") if RunFolder(path.parent).best.exists())
    if not found:
        raise RunError(
            f"{folder}: holds no trained run. Give a run folder, or a folder of some, from `indl-vae train`."
        )
    return found


def dynamics_row(run: Run, split: Split, metrics: Sequence[str] = METRICS, seed: int = 0) -> dict[str, Any]:
    """Returns the figures of a run's model (`evaluate_dynamics`) after what the run is: folder and main settings."""
    settings = {name: run.params.get(name) for name in _SETTINGS if name in run.params}
    return {"run": str(run.folder), **settings, **evaluate_dynamics(run.model, split, metrics, seed)}


def summary_row(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Returns the medians over runs, and how many runs had no value for a figure: none vanishes silently."""
    names = [name for name, value in rows[0].items() if isinstance(value, float)]
    values = {name: np.array([row.get(name, np.nan) for row in rows], float) for name in names}
    medians = {name: float(np.nanmedian(one)) if np.isfinite(one).any() else np.nan for name, one in values.items()}
    missing = max((int((~np.isfinite(one)).sum()) for one in values.values()), default=0)
    return {"run": f"median of {len(rows)} runs, {missing} without a value", **medians}


def write_table(rows: Sequence[dict[str, Any]], path: str | Path) -> None:
    """Writes rows as CSV, whole or not at all."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    part = Path(path).with_name(f".{Path(path).name}.part")
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(part, path)
