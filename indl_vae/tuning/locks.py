"""Locks that end with the processes that hold them, however those end. Where a system has none, nothing is locked."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def lock(file: IO[bytes]) -> bool:
    """Locks an open file; processes that inherit it hold the lock as well.

    Returns:
        False if somebody else holds it.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def is_locked(path: Path) -> bool:
    """Returns whether a process that is alive holds the lock of a file."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        return not lock(file)
    return False
