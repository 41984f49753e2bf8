"""A process that does one step of a member of a scan: trains it, or evaluates it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from indl_vae.cores import usable_cores
from indl_vae.tuning.locks import lock
from indl_vae.tuning.member import START, Member

#: How a member is started; arguments of `indl-vae` follow.
COMMAND = (sys.executable, "-c", "from indl_vae.cli import main; main()")
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Launcher:
    """Starts the next step of members.

    Attributes:
        data: Path of the data.
        command: How a process is started; arguments of `indl-vae` follow.
        at_once: Processes that share the cores.
    """

    data: str
    command: Sequence[str]
    at_once: int

    def __call__(self, member: Member) -> Job:
        """Starts the training of a member, where the last one left off, or the evaluation of one that is trained."""
        member.place.mkdir(parents=True, exist_ok=True)
        if member.is_finished():
            member.note(evaluation_exit_code=None)
            words = ["evaluate", str(member.folder), "--data", self.data, "--out", str(member.scores_file)]
            return Job(member, "evaluation_", self._start(member, words))
        words = ["train", "--data", self.data, "--out", str(member.folder)]
        seconds = 0.0
        if member.can_resume():
            words, seconds = [*words, "--resume"], member.outcome().get("seconds", 0.0)
        else:
            member.put_aside()
            member.params.to_yaml(member.config)
            words = [*words, "--config", str(member.config)]
        member.note(exit_code=None, evaluation_exit_code=None, seconds=seconds)  # its end is not known from here on
        return Job(member, "", self._start(member, words), seconds)

    def _start(self, member: Member, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Starts a process that says what it says into the member's log and holds the log's lock until it ends.

        It has a process group of its own, so that Ctrl-C reaches the scan alone: a second signal, the scan's, would cut
        short what the first one makes it save.
        """
        threads = {name: str(max(1, usable_cores() // self.at_once)) for name in _THREADS}
        whole = [*self.command, *words]
        with member.log.open("ab") as log:
            lock(log)
            log.write(f"{START}{shlex.join(whole)}\n".encode())
            log.flush()
            return subprocess.Popen(
                whole,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | threads,
                start_new_session=True,
            )


class Job:
    """A process of a member.

    Args:
        member: Whose.
        prefix: Of what is noted: empty for the training.
        process: The process.
        seconds: What earlier processes took to come to where this one begins.
    """

    def __init__(
        self, member: Member, prefix: str, process: subprocess.Popen[bytes], seconds: float | None = None
    ) -> None:
        self.member, self._prefix, self._process = member, prefix, process
        self._before, self._started = seconds, time.monotonic()

    def ended(self) -> bool:
        """Returns whether the process has ended; writes down how."""
        code = self._process.poll()
        if code is None:
            return False
        took = {} if self._before is None else {"seconds": round(self._before + time.monotonic() - self._started, 1)}
        self.member.note(**{f"{self._prefix}exit_code": code}, **took)
        return True

    def terminate(self) -> None:
        """Asks the process to end, upon which it saves its state."""
        self._process.terminate()

    def wait(self) -> None:
        """Waits for the end."""
        self._process.wait()
        self.ended()
