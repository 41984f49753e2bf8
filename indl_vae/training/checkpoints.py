"""Checkpoints in a run folder: each whole, and found by an index that is renamed into place."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indl_vae.data.hdf5_read import file_sha256
from indl_vae.errors import RunError
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
        """Returns what the index holds, the oldest first: "name", "epoch" (epochs done), "step", files' "sha256"."""
        path = self.folder / self.index
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []

    def newest(self) -> Path | None:
        """Returns the folder of the newest checkpoint that is whole, None without one; warns of those that are not."""
        for entry in reversed(self.entries()):
            path = self.folder / entry["name"]
            wrong = _damage(path, entry.get("sha256", {}))
            if not wrong:
                return path
            warnings.warn(f"{path}: damaged ({wrong}); the checkpoint before it is taken.", UserWarning, stacklevel=2)
        return None

    def add(self, write: Callable[[Path], Any], epoch: int, step: int) -> Path:
        """Makes a checkpoint and removes those that are too old.

        Args:
            write: Function that writes the checkpoint's files into the folder it is given.
            epoch: Epochs done; a checkpoint of the same epoch is replaced.
            step: Optimizer steps done.

        Returns:
            The checkpoint's folder.

        Raises:
            RunError: It cannot be written; those before it stay as they are.
        """
        before = self.entries()
        path = self._free_path(epoch, {entry["name"] for entry in before})
        part = self.folder / f".{path.name}.part"
        for leftover in (part, path):  # of a process that was killed; no index knows them
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            part.mkdir(parents=True)
            write(part)
            sums = {file.name: _sealed(file) for file in sorted(part.iterdir())}
            os.replace(part, path)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise RunError(
                f"{path}: the checkpoint cannot be written ({error.strerror or error}); those before it are whole. "
                "Make room, or give the right to write, and go on with --resume."
            ) from error
        new = {"name": path.name, "epoch": epoch, "step": step, "sha256": sums}
        entries = [*(e for e in before if e["epoch"] != epoch), new]
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


def _sealed(path: Path) -> str:
    """Returns the SHA-256 of a file once it is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return file_sha256(path)


def _damage(folder: Path, sums: dict[str, str]) -> str:
    """Returns what is wrong with the files of a checkpoint, empty where nothing is."""
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if file_sha256(path) != expected:
            return f"{name} is not what was written"
    return ""
