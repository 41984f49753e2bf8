"""The files of a run folder. No TensorFlow here, so that a wrong folder is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

from indl_vae.errors import RunError
from indl_vae.json_file import read_json, write_sealed_json

_MEND_DATA = "Copy it anew; without it, the data's path is given by --data."


def is_plain_name(name: Any) -> TypeGuard[str]:
    """Returns whether a name that was read from a file is that of something beside it: no way into another folder."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0")


class RunFolder:
    """Names the files of a run.

    Args:
        path: The folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.params = self.path / "params.yaml"
        self.data = self.path / "data.json"
        self.metrics = self.path / "metrics.csv"
        self.log = self.path / "run.log"
        self.best = self.path / "best.keras"
        self.checkpoints = self.path / "checkpoints"
        self.tensorboard = self.path / "tensorboard"
        self.restarts = self.path / "restarts.json"
        self.report = self.path / "report.html"

    def create(self, resume: bool = False) -> None:
        """Makes the folder.

        Raises:
            RunError: If it holds a run already and this is not to be resumed; it stays untouched.
        """
        if not resume:
            self.check_free()
        for folder in (self.path, self.checkpoints, self.tensorboard):
            folder.mkdir(parents=True, exist_ok=True)

    def check_free(self) -> None:
        """Raises RunError if there is something at this path already."""
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path}: expected a folder for the run, found a file. Choose another --out.")
        if self.path.exists() and any(self.path.iterdir()):
            raise RunError(
                f"{self.path}: there is something in this folder already; it was not touched. Choose another --out, or "
                "go on with the run in it by --resume."
            )

    def check_resumable(self) -> None:
        """Raises RunError if no run was started in this folder, or it ended before anything was saved."""
        if self.params.exists():
            return
        if self.path.is_dir() and any(self.path.iterdir()):
            raise RunError(
                f"{self.path}: no run to resume here: it has no {self.params.name}. If one was started here, it ended "
                "before anything was saved: remove the folder, or choose another --out, and start without --resume."
            )
        raise RunError(f"{self.path}: no run to resume here. Start without --resume.")

    def check(self) -> None:
        """Raises RunError if this is not the folder of a run with a model in it."""
        missing = [file.name for file in (self.params, self.best) if not file.exists()]
        if missing:
            raise RunError(
                f"{self.path}: expected the folder of a run; {' and '.join(missing)} not found. Give the --out of "
                "`indl-vae train`."
            )

    def write_data_info(self, info: Mapping[str, Any]) -> None:
        """Writes data.json, with a digest: wrong scalers would make wrong activity without a word."""
        write_sealed_json(info, self.data)

    def data_info(self) -> dict[str, Any]:
        """Returns what data.json says of the data, nothing where it is not there.

        Raises:
            RunError: It is damaged.
        """
        if not self.data.exists():
            return {}
        try:
            found = read_json(self.data)
        except (OSError, ValueError) as error:
            raise RunError(f"{self.data}: cannot be read ({error}). {_MEND_DATA}") from error
        sessions = found.get("sessions", {}) if isinstance(found, dict) else None
        if not isinstance(sessions, dict) or not all(_names_a_file(one) for one in (found, *sessions.values())):
            raise RunError(f"{self.data}: expected the data of a run and their sources, found other JSON. {_MEND_DATA}")
        return found


def _names_a_file(info: Any) -> bool:
    return isinstance(info, dict) and isinstance(info.get("source") or "", str)
