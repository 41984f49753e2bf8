"""JSON files that are strict, and whole or not there at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from indl_vae.whole_file import write_whole


def write_json(content: Any, path: str | Path) -> Path:
    """Writes `content` as strict JSON (no NaN, no infinity) and returns the path; a reader never meets half a file."""
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return write_whole(text, path)


def read_json(path: str | Path) -> Any:
    """Returns what a strict JSON file holds.

    Raises:
        ValueError: It is no JSON, or holds NaN or infinity.
        OSError: It cannot be read.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
