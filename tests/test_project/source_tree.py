"""Reads the package's source without importing it: its modules, their rooms, and what each of them imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = "indl_vae"

#: Rooms bottom first (docs/design.md, section 3). A module imports from its own room and from lower ranks only.
RANKS = {
    "base": 0,
    "data": 1,
    "analysis.metrics": 1,
    "params": 2,
    "families.params": 3,
    "inference": 4,
    "layers": 5,
    "distributions": 6,
    "builders": 7,
    "models": 8,
    "families.wiring": 9,
    "analysis": 10,
    "training": 11,
    "importers": 12,
    "tuning": 13,
    "cli": 14,
    "top": 15,
}
BASE_MODULES = {"errors", "registry", "numerics", "run_folder", "json_file", "whole_file", "cores", "typing"}
#: What a family's folder holds on the side of the parameters; the rest of it may load TensorFlow.
LIGHT_FAMILY_FILES = ([], ["params"], ["presets"])
#: Rooms that load no TensorFlow, but for one file that is itself imported only when batches are asked for.
LIGHT_ROOMS = {"base", "data", "analysis.metrics", "params", "families.params", "cli", "top"}
PIPELINE = "indl_vae.data.pipeline"


class Import(NamedTuple):
    """One import: the dotted target, and whether it runs when the module itself is imported."""

    target: str
    at_import: bool
    line: int


def modules(root: Path = PROJECT) -> dict[str, Path]:
    """Returns dotted name -> file of every module of the package."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(name: str) -> str:
    """Returns the room of a module, a key of RANKS.

    Raises:
        KeyError: if the module lies in no known room.
    """
    parts = name.split(".")[1:]
    if not parts or parts[0] in ("__main__", "cli"):
        return "cli" if parts else "top"
    if parts[0] in BASE_MODULES or parts == ["families"]:
        return "base"
    if parts[0] == "families":
        return "families.params" if parts[2:3] in LIGHT_FAMILY_FILES else "families.wiring"
    if parts[:2] == ["analysis", "metrics"]:
        return "analysis.metrics"
    if parts[0] not in RANKS:
        raise KeyError(f"{name} lies in no room of docs/design.md, section 3")
    return parts[0]


def is_light(name: str) -> bool:
    """Returns whether importing a module must load no TensorFlow."""
    return room_of(name) in LIGHT_ROOMS and name != PIPELINE


def family_of(name: str) -> str | None:
    """Returns the family whose folder a module lies in, or None."""
    parts = name.split(".")
    return parts[2] if parts[1:2] == ["families"] and len(parts) > 2 else None


def imports_of(name: str, path: Path, known: set[str]) -> list[Import]:
    """Returns every import of a module, those for type checkers left out; `known` tells submodules from attributes."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = []
    for node, at_import in _walk(ast.parse(path.read_text(encoding="utf-8")), True):
        found += [Import(target, at_import, node.lineno) for target in _targets(node, package, known)]
    return found


def _walk(node: ast.AST, at_import: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other, at_import
                yield from _walk(other, at_import)
            continue
        yield child, at_import
        runs_later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _walk(child, at_import and not runs_later)


def _targets(node: ast.AST, package: str, known: set[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            ancestors = package.split(".")
            base = ".".join(ancestors[: len(ancestors) - node.level + 1] + ([base] if base else []))
        submodules = {f"{base}.{alias.name}" for alias in node.names} & known
        attributes = len(submodules) < len(node.names)
        return sorted(submodules) + ([base] if attributes else [])
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
        argument = node.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            return [argument.value]
    return []


def committed_files() -> list[Path]:
    """Returns the files that git has or would take; every file outside hidden and built folders where git is absent."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
        found = [PROJECT / line for line in listing.splitlines()]
    except (OSError, subprocess.CalledProcessError):
        ignored = {"site", "build", "dist", "__pycache__", "venv"}
        found = [
            path
            for path in PROJECT.rglob("*")
            if not any(part in ignored or part.startswith(".") for part in path.relative_to(PROJECT).parts[:-1])
        ]
    return sorted(path for path in found if path.is_file())
