"""Workers of a search on the machine of its chief."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Folder of what the workers say.
FOLDER = "workers"
_END_S = 30.0


class LocalWorkers:
    """Processes that ask the chief for trials.

    Args:
        command: How one is started; arguments of `indl-vae` follow.
        data: Path of the data.
        out: Folder of the search.
        number: Of workers; 0 for none.
        timeout: Seconds after which one that is not heard of is dead.
    """

    def __init__(self, command: Sequence[str], data: str, out: Path, number: int, timeout: float) -> None:
        self._command, self._data, self._out = list(command), data, out
        self.number, self._timeout = number, timeout
        self.processes: list[subprocess.Popen[bytes]] = []

    @contextlib.contextmanager
    def working(self, address: str) -> Iterator[None]:
        """Starts the workers, and ends those that are left with the context; they save the trials in progress."""
        try:
            self.processes = [self._start(address, number) for number in range(1, self.number + 1)]
            yield
        finally:
            for process in self.processes:
                process.terminate()
            for process in self.processes:
                process.wait()

    def wait(self) -> None:
        """Waits for workers that were told to end."""
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):  # the context ends it then
                process.wait(_END_S)

    def have_ended(self) -> bool:
        """Returns whether there were workers, and none is left."""
        return bool(self.processes) and all(process.poll() is not None for process in self.processes)

    def last_words(self) -> str:
        """Returns what the workers said last."""
        texts = [path.read_text(errors="replace").strip() for path in sorted((self._out / FOLDER).glob("*.log"))]
        return "; ".join(text.splitlines()[-1] for text in texts if text)

    def _start(self, address: str, number: int) -> subprocess.Popen[bytes]:
        folder = self._out / FOLDER
        folder.mkdir(exist_ok=True)
        words = ["tune", "--role", "worker", "--address", address, "--data", self._data, "--out", str(self._out)]
        words += ["--workers", str(self.number), "--worker-timeout", f"{self._timeout:g}"]
        with (folder / f"{number}.log").open("ab") as log:
            return subprocess.Popen(
                [*self._command, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the chief alone, which ends them
            )
