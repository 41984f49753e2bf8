"""Checkpoints in a run folder: each whole, and found by an index that is renamed into place."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indl_vae.data.hdf5_read import file_sha256
from indl_vae.errors import RunError
from indl_vae.json_file import read_json, write_json
from indl_vae.run_folder import is_plain_name

#: Names of the indices, which are those of LFADS on TF1: of the states to go on from, and of the best models.
LATEST, BEST = "checkpoint", "checkpoint_lve"
MODEL_FILE, STATE_FILE = "model.keras", "state.json"
#: In the folder of each checkpoint: its line of the index, from which a damaged index is made anew.
ENTRY_FILE = "entry.json"


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
        """Returns what the index holds, the oldest first: "name", "epoch" (epochs done), "step", files' "sha256".

        Of an index that is damaged, or names what lies outside of the folder, the checkpoints themselves are asked,
        with a warning.

        Raises:
            RunError: The index cannot be read for want of the right to.
        """
        path = self.folder / self.index
        if not path.is_file():
            return []
        try:
            found = read_json(path)
            wrong = "" if isinstance(found, list) else f"expected a list, found {type(found).__name__}"
            wrong = wrong or next(filter(None, map(_fault, found)), "")
        except ValueError as error:
            wrong = str(error)
        if not wrong:
            return found
        warnings.warn(
            f"{path}: damaged ({wrong}); the checkpoints that are in the folder are taken.", UserWarning, stacklevel=2
        )
        return self._entries_of_folders()

    def newest(self, until: int | None = None) -> Path | None:
        """Returns the folder of the newest checkpoint that is whole, None without one; warns of those that are not.

        Args:
            until: Pass over those of later epochs.
        """
        for entry in reversed([one for one in self.entries() if until is None or one["epoch"] <= until]):
            path = self.folder / entry["name"]
            wrong = _damage(path, entry.get("sha256", {}))
            if not wrong:
                return path
            warnings.warn(f"{path}: damaged ({wrong}); the checkpoint before it is taken.", UserWarning, stacklevel=2)
        return None

    def of_epoch(self, epoch: int) -> Path | None:
        """Returns the folder of the checkpoint after so many epochs, None where there is none or it is damaged."""
        for entry in self.entries():
            path = self.folder / entry["name"]
            if entry["epoch"] == epoch and not _damage(path, entry.get("sha256", {})):
                return path
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
        new: dict[str, Any] = {"name": path.name, "epoch": epoch, "step": step}
        for leftover in (part, path):  # of a process that was killed; no index knows them
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            part.mkdir(parents=True)
            write(part)
            new["sha256"] = {file.name: _sealed(file) for file in sorted(part.iterdir())}
            write_json({**new, "index": self.index}, part / ENTRY_FILE)
            os.replace(part, path)
            kept = self._enter(new, before)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise RunError(
                f"{path}: the checkpoint cannot be written ({error.strerror or error}); those before it are whole. "
                "Make room, or give the right to write, and go on with --resume."
            ) from error
        for name in {entry["name"] for entry in before} - kept:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return path

    def _enter(self, new: dict[str, Any], before: list[dict[str, Any]]) -> set[str]:
        """Writes the index and returns the names in it."""
        entries = [*(e for e in before if e["epoch"] != new["epoch"]), new]
        kept = entries[-self.keep :] if self.keep else entries
        write_json(kept, self.folder / self.index)
        return {entry["name"] for entry in kept}

    def _entries_of_folders(self) -> list[dict[str, Any]]:
        """Returns the entries that the folders of checkpoints hold of themselves, the oldest first."""
        found = []
        for path in self.folder.glob(f"*/{ENTRY_FILE}"):
            try:
                entry = read_json(path)
            except (OSError, ValueError):
                continue  # its folder is one of the damaged ones, and none of those is taken
            if not _fault(entry) and entry["name"] == path.parent.name and entry.get("index") == self.index:
                found.append({key: value for key, value in entry.items() if key != "index"})
        return sorted(found, key=lambda entry: (entry["epoch"], entry["step"], len(entry["name"]), entry["name"]))

    def _free_path(self, epoch: int, taken: set[str]) -> Path:
        name, again = f"{self.name}-{epoch}", 1
        while name in taken:
            again += 1
            name = f"{self.name}-{epoch}.{again}"
        return self.folder / name


def _fault(entry: Any) -> str:
    """Returns what is wrong with an entry of an index, empty where nothing is."""
    if not isinstance(entry, dict):
        return f"an entry is a {type(entry).__name__}, expected an object"
    sums = entry.get("sha256", {})
    if not isinstance(sums, dict) or not all(map(is_plain_name, sums)):
        return "sha256: expected an object of plain names"
    if not is_plain_name(entry.get("name")):
        return f"name: expected the name of a folder beside the index, got {entry.get('name')!r}"
    for key in ("epoch", "step"):
        if type(entry.get(key)) is not int or entry[key] < 0:
            return f"{key}: expected a count, got {entry.get(key)!r}"
    return ""


def _sealed(path: Path) -> str:
    """Returns the SHA-256 of a file once it is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return file_sha256(path)


def _damage(folder: Path, sums: dict[str, str]) -> str:
    """Returns what is wrong with the files of a checkpoint, empty where nothing is."""
    for name in sums or (MODEL_FILE,):  # an index of an older version has no sums
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if sums and file_sha256(path) != sums[name]:
            return f"{name} is not what was written"
    return ""
