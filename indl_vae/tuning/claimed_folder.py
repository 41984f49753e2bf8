"""A folder that belongs to one search at a time, whose first file says what was asked for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from indl_vae.errors import RunError
from indl_vae.params import dump_yaml, load_yaml
from indl_vae.tuning.locks import lock


@contextlib.contextmanager
def claimed_folder(
    out: Path, name: str, asked: Mapping[str, Any], check: Callable[[Mapping[str, Any], Mapping[str, Any]], None]
) -> Iterator[None]:
    """Makes a folder that of a search and of nobody else while that works in it; `<name>.yaml` says what it does.

    Args:
        out: The folder.
        name: What it becomes: "scan", "search", "population".
        asked: What is asked for.
        check: Raises if what was asked for before and what is asked for now do not go together.

    Raises:
        RunError: There is something else in the folder, or one that is being worked on.
    """
    file = out / f"{name}.yaml"
    if out.exists() and not out.is_dir():
        raise RunError(f"{out}: expected a folder for the {name}, found a file. Choose another --out.")
    if not file.exists() and out.exists() and any(path.name[0] != "." for path in out.iterdir()):
        raise RunError(
            f"{out}: there is something in this folder that is no {name}; it was not touched. Choose another --out."
        )
    out.mkdir(parents=True, exist_ok=True)
    with (out / f".{name}.lock").open("ab") as held:
        if not lock(held):
            raise RunError(f"{out}: another {name} is at work in this folder. Wait for its end, or choose another.")
        if file.exists():
            check(load_yaml(file), asked)
        part = out / f".{file.name}.part"
        dump_yaml(asked, part)
        os.replace(part, file)
        yield
