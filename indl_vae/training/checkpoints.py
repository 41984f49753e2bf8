"""Checkpoints in a run folder: each whole, and found by an index that is renamed into place."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indl_vae.json_file import write_json

#: Names of the indices, which are those of LFADS on TF1: of the states to go on from, and of the best models.
LATEST, BEST = "checkpoint", "checkpoint_lve"
MODEL_FILE, STATE_FILE = "model.keras", "state.json"


class Checkpoints:
    """The checkpoints that one index lists, each a folder of its own.

    A checkpoint is written into a hidden folder, renamed, and only then entered into the index, which is renamed into
    place in turn. A process that is killed at any point leaves the index naming whole checkpoints.

    Args:
        folder: The run's checkpoints folder.
        index: Name of the index file in it.
        keep: Checkpoints kept, the newest; 0 keeps all.
        name: What the checkpoints' names begin with.
    """

    def __init__(self, folder: str | Path, index: str = LATEST, keep: int = 5, name: str = "epoch") -> None:
        self.folder, self.index, self.keep, self.name = Path(folder), index, int(keep), name

    def entries(self) -> list[dict[str, Any]]:
        """Returns what the index holds, the oldest first: "name", "epoch" (epochs done) and "step" of each."""
        path = self.folder / self.index
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []

    def newest(self) -> Path | None:
        """Returns the folder of the newest checkpoint, None without one."""
        entries = self.entries()
        return self.folder / entries[-1]["name"] if entries else None

    def add(self, write: Callable[[Path], Any], epoch: int, step: int) -> Path:
        """Makes a checkpoint and removes those that are too old.

        Args:
            write: Function that writes the checkpoint's files into the folder it is given.
            epoch: Epochs done; a checkpoint of the same epoch is replaced.
            step: Optimizer steps done.

        Returns:
            The checkpoint's folder.
        """
        before = self.entries()
        path = self._free_path(epoch, {entry["name"] for entry in before})
        part = self.folder / f".{path.name}.part"
        for leftover in (part, path):  # of a process that was killed; no index knows them
            shutil.rmtree(leftover, ignore_errors=True)
        part.mkdir(parents=True)
        write(part)
        os.replace(part, path)
        entries = [*(e for e in before if e["epoch"] != epoch), {"name": path.name, "epoch": epoch, "step": step}]
        kept = entries[-self.keep :] if self.keep else entries
        write_json(kept, self.folder / self.index)
        for name in {entry["name"] for entry in before} - {entry["name"] for entry in kept}:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return path

    def _free_path(self, epoch: int, taken: set[str]) -> Path:
        name, again = f"{self.name}-{epoch}", 1
        while name in taken:
            again += 1
            name = f"{self.name}-{epoch}.{again}"
        return self.folder / name
