"""How far a scan is, and about how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class ScanProgress:
    """A line for each member that ended, and on a terminal a bar below them.

    Args:
        n_all: Members of the scan.
        n_done: Those that need nothing any more.
        report: Called with the lines instead of printing them on stderr; there is no bar then.
        console: Where to print, if not on stderr.
        things: What the bar counts.
    """

    def __init__(
        self,
        n_all: int,
        n_done: int,
        report: Callable[[str], None] | None = None,
        console: Console | None = None,
        things: str = "runs",
    ) -> None:
        self.n_all, self.n_done = n_all, n_done
        self._report, self._console = report, console or Console(stderr=True)
        shows = report is None and self._console.is_terminal
        columns = (TextColumn(things), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, TextColumn("{task.description}"), console=self._console, disable=not shows)
        self._task = self._bar.add_task("", total=n_all, completed=n_done)
        self._first, self._started = n_done, time.monotonic()

    def __enter__(self) -> ScanProgress:
        self._bar.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._bar.stop()

    def say(self, line: str) -> None:
        """Shows a line."""
        if self._report is not None:
            self._report(line)
        else:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def ended(self, line: str) -> None:
        """Shows that one more member has ended, and how, with an estimate of what remains."""
        self.n_done += 1
        each = (time.monotonic() - self._started) / (self.n_done - self._first)
        left = self.n_all - self.n_done
        remains = f"about {duration(each * left)} remain" if left else "all done"
        self._bar.update(self._task, completed=self.n_done, description=remains)
        self.say(f"{self.n_done}/{self.n_all}  {line}; {remains}")


def duration(seconds: float) -> str:
    """Returns a time in words, to two digits or so."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
