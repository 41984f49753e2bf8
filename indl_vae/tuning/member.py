"""A member of a scan: one setting, one seed, one run folder, one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indl_vae.cores import usable_cores
from indl_vae.json_file import write_json
from indl_vae.run_folder import RunFolder

#: How a member is started; arguments of `indl-vae` follow.
COMMAND = (sys.executable, "-c", "from indl_vae.cli import main; main()")
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


@dataclass
class Member:
    """A member.

    Attributes:
        name: Of its setting.
        number: Of its run, from 1.
        settings: Parameters that the scan changes, the seed among them.
        place: Folder of the setting's runs.
        process: What trains it, while it does.
        started: When that was started.
    """

    name: str
    number: int
    settings: Mapping[str, Any]
    place: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = field(default=0.0)

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.place / f"{self.number:03d}"

    @property
    def log(self) -> Path:
        """What the process said."""
        return self.place / f"{self.number:03d}.log"

    @property
    def outcome_file(self) -> Path:
        """Where its end is written down."""
        return self.place / f"{self.number:03d}.json"

    def outcome(self) -> dict[str, Any]:
        """Returns exit code and seconds of the last time that it ended; empty if it never did."""
        return json.loads(self.outcome_file.read_text()) if self.outcome_file.exists() else {}

    def is_finished(self) -> bool:
        """Returns whether it was trained to its end."""
        return self.outcome().get("exit_code") == 0 and RunFolder(self.folder).best.exists()

    def start(self, arguments: Sequence[str], command: Sequence[str], at_once: int) -> None:
        """Starts its process, which goes on where one that was interrupted left off.

        Args:
            arguments: Of `indl-vae train` that all members share.
            command: How a member is started.
            at_once: Processes that share the machine.
        """
        self.place.mkdir(parents=True, exist_ok=True)
        resumed = ["--resume"] if self._can_resume() else []
        if not resumed:
            self._put_aside()
        given = [part for key, value in self.settings.items() for part in ("--set", f"{key}={json.dumps(value)}")]
        shared = list(arguments) if not resumed else _data_of(arguments)
        whole = [*command, "train", *shared, "--out", str(self.folder), *resumed, *([] if resumed else given)]
        threads = {name: str(max(1, usable_cores() // at_once)) for name in _THREADS}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                whole, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=os.environ | threads
            )
        self.started = time.monotonic()

    def ended(self) -> bool:
        """Returns whether its process has ended; writes down how."""
        code = None if self.process is None else self.process.poll()
        if code is None:
            return False
        seconds = round(time.monotonic() - self.started + self.outcome().get("seconds", 0.0), 1)
        write_json({"exit_code": code, "seconds": seconds}, self.outcome_file)
        self.process = None
        return True

    def last_words(self) -> str:
        """Returns the last line of its log."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    def _can_resume(self) -> bool:
        return (RunFolder(self.folder).checkpoints / "checkpoint").exists()

    def _put_aside(self) -> None:
        """Moves what a member left that ended before its first checkpoint, so that it can start anew."""
        if self.folder.exists():
            number = 1
            while (aside := self.place / f"{self.number:03d}.failed{number}").exists():
                number += 1
            self.folder.rename(aside)


def _data_of(arguments: Sequence[str]) -> list[str]:
    """Returns of the shared arguments the data alone: a resumed run keeps its parameters."""
    at = list(arguments).index("--data")
    return list(arguments)[at : at + 2]
