"""The log of LFADS on TF1 (`fitlog.csv`), for who has programs that read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from indl_vae.models.host_value import host_value
from indl_vae.training.sparing import sparing

#: Prefixes of the logs of the two columns that most entries have.
TRAIN, VALID = "", "val_"


class FitLog(keras.callbacks.Callback):
    """Appends a line an epoch, with a label before each entry, as run_lfads.py does.

    `epoch,1, step,25, total,TRAIN,VALID, recon,TRAIN,VALID, kl,TRAIN,VALID, l2,X, klweight,X, l2weight,X`: recon and kl
    are per trial, kl with its weights and without its ramp, l2 with its scales and without its ramp; the last two are
    the ramps. A line that cannot be written is left out, with a warning.

    Args:
        path: Of the file.
        entries: Entries that the reconstruction of a trial sums over, in training and validation data; 1 where it is
            their mean.
    """

    def __init__(self, path: Path, entries: tuple[float, float] = (1.0, 1.0)) -> None:
        super().__init__()
        self.path, self.entries = Path(path), dict(zip((TRAIN, VALID), entries, strict=True))

    @sparing("the line of this epoch in csv_log")
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        both = {
            "total": [float(logs.get(f"{part}loss", 0.0)) for part in (TRAIN, VALID)],
            "recon": [float(logs.get(f"{part}nll", 0.0)) * self.entries[part] for part in (TRAIN, VALID)],
            "kl": [self._weighted("kl", logs, part) for part in (TRAIN, VALID)],
            "l2": [self._weighted("l2", logs, VALID)],  # of the weights at the end of the epoch
            "klweight": [float(logs.get("ramp_kl", 1.0))],
            "l2weight": [float(logs.get("ramp_l2", 1.0))],
        }
        counts = f"epoch,{epoch + 1}, step,{int(logs.get('step', 0))}"
        values = [f"{name},{','.join(f'{value:.6g}' for value in pair)}" for name, pair in both.items()]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(", ".join([counts, *values]) + "\n")

    def _weighted(self, kind: str, logs: Mapping[str, Any], part: str) -> float:
        terms = [(name, term) for name, term in self.model.terms.items() if term.kind == kind]
        return sum(host_value(term.weight_value) * float(logs.get(f"{part}{name}", 0.0)) for name, term in terms)

    def forget_after(self, epochs_done: int) -> None:
        """Removes the lines of epochs that a resumed run will go through again."""
        if not self.path.exists():
            return
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if line.endswith("\n") and int(line.split(",")[1]) <= epochs_done]
        part = self.path.with_name(f".{self.path.name}.part")
        part.write_text("".join(kept), encoding="utf-8")
        os.replace(part, self.path)


def entries_per_trial(split: Any, reduction: str) -> float:
    """Returns how many entries the reconstruction of a trial sums over: the observed ones, or 1 where it is a mean."""
    if reduction == "mean":
        return 1.0
    observed = split.x[0].size if split.mask is None else float(split.mask.sum(dtype="float64")) / split.n_trials
    return float(observed)
