"""JSON files that are strict, and whole or not there at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from indl_vae.whole_file import write_whole

#: In a sealed file: the SHA-256 of all else in it.
DIGEST = "digest"


def write_json(content: Any, path: str | Path) -> Path:
    """Writes `content` as strict JSON (no NaN, no infinity) and returns the path; a reader never meets half a file."""
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return write_whole(text, path)


def write_sealed_json(content: Mapping[str, Any], path: str | Path) -> Path:
    """Writes an object with a digest of itself, so that a reader finds a damaged number, and returns the path."""
    content = json.loads(json.dumps(content, allow_nan=False))  # numbers as keys become text
    return write_json({**content, DIGEST: _digest(content)}, path)


def read_json(path: str | Path) -> Any:
    """Returns what a strict JSON file holds.

    Raises:
        ValueError: It is no JSON, holds NaN or infinity, or has a digest that is of other content.
        OSError: It cannot be read.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if isinstance(content, dict) and DIGEST in content:
        digest = content.pop(DIGEST)
        if digest != _digest(content):
            raise ValueError(f"it is not what was written; if it was changed on purpose, remove {DIGEST!r} from it")
    return content


def _digest(content: Mapping[str, Any]) -> str:
    """Returns the SHA-256 of an object whose keys are in any order."""
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
