"""run.log: what happened in a run, in words."""

from __future__ import annotations

import logging
from pathlib import Path

LOGGER = logging.getLogger("indl_vae")


def open_log(path: Path) -> logging.Handler:
    """Adds a file to the library's log and returns the handler; `close_log` takes it away again."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    return handler


def close_log(handler: logging.Handler) -> None:
    """Ends what `open_log` began."""
    LOGGER.removeHandler(handler)
    handler.close()


def warn(message: str) -> None:
    """Writes a warning to the log (and to the terminal, where the log is not set up otherwise)."""
    LOGGER.warning(message)
