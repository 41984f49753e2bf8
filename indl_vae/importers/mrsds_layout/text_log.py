"""The text log of a run, as the published script prints it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


class TextLog:
    """Prints lines, and appends them to a file unless what is printed goes there already.

    Args:
        path: Of the file.
        anew: Whether the file is that of a new run, and begins empty.
    """

    def __init__(self, path: Path, anew: bool = False) -> None:
        self.path, self.redirected = Path(path), is_stdout(path)
        if anew and not self.redirected:
            self.path.write_text("", encoding="utf-8")

    def write(self, line: str) -> None:
        """Writes a line at once."""
        print(line, flush=True)
        if not self.redirected:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def is_stdout(path: Path) -> bool:
    """Returns whether the process's standard output is redirected into a file."""
    try:
        return path.exists() and os.path.samestat(os.fstat(sys.stdout.fileno()), path.stat())
    except (io.UnsupportedOperation, AttributeError, ValueError):
        return False  # no file at all, as in a notebook
