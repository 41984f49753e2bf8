"""What a scan's folder was asked for, so that a second call cannot mix two scans."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.errors import RunError
from indl_vae.tuning.argument import RUN, Argument
from indl_vae.tuning.claimed_folder import claimed_folder
from indl_vae.tuning.combinations import Shared

FILE = "scan.yaml"


def make_plan(
    shared: Shared, source: str, sha256: str, arguments: Sequence[Argument], runs: Sequence[int]
) -> dict[str, Any]:
    """Returns what a scan is asked for, as `scan.yaml` holds it.

    Args:
        shared: What all runs have in common.
        source: Path of the data.
        sha256: Their SHA-256.
        arguments: What is varied.
        runs: Numbers of the runs.
    """
    varied = [
        {"name": one.name, "values": list(one.values), "add_to_name_as": one.add_to_name_as}
        for one in arguments
        if one.name != RUN
    ]
    return {
        "family": shared.family,
        "data": {"source": source, "sha256": sha256},
        "preset": shared.preset,
        "config": dict(shared.written),
        "settings": dict(shared.fixed),
        "arguments": varied,
        "runs": list(runs),
    }


def claimed(out: Path, plan: Mapping[str, Any]) -> contextlib.AbstractContextManager[None]:
    """Makes a folder that of a scan and of nobody else while that works in it.

    Raises:
        RunError: There is something else in the folder, or a scan of other arguments, or one that is being worked on.
    """
    return claimed_folder(out, "scan", plan, lambda before, now: _check(out, before, now))


def _check(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuses what is not the scan that was asked for before, or that and more."""
    faults = [
        _was(name, before.get(name), now[name])
        for name in ("family", "preset", "config", "settings")
        if before.get(name) != now[name]
    ]
    faults += _data_faults(before.get("data") or {}, now["data"])
    faults += _argument_faults(before.get("arguments") or [], now["arguments"])
    if missing := [run for run in before.get("runs") or [] if run not in now["runs"]]:
        faults.append(f"runs (without {', '.join(map(str, missing))})")
    if faults:
        raise RunError(
            f"{out}: holds a scan that differs in {'; '.join(faults)}. Choose another folder, or ask for what "
            f"{out / FILE} says; values and runs may be added to it."
        )


def _data_faults(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Returns what is wrong with the data; a file may have been moved."""
    if before.get("sha256") == now["sha256"]:
        return []
    place = now["source"] if before.get("source") == now["source"] else f"{before.get('source')}, now {now['source']}"
    return [f"data ({place}: another content)"]


def _argument_faults(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns what is wrong with the arguments, whose order makes the names of the runs."""
    names = [[one["name"] for one in arguments] for arguments in (before, now)]
    if names[0] != names[1]:
        return [f"arguments (were {', '.join(names[0])}, now {', '.join(names[1])})"]
    faults = []
    for old, new in zip(before, now, strict=True):
        if old["add_to_name_as"] != new["add_to_name_as"]:
            faults.append(_was(f"add_to_name_as of {old['name']}", old["add_to_name_as"], new["add_to_name_as"]))
        missing = [value for value in old["values"] if value not in new["values"]]
        if missing:
            faults.append(f"{old['name']} (without {', '.join(map(repr, missing))})")
    return faults


def _was(name: str, before: Any, now: Any) -> str:
    """Returns a difference in words; of mappings, of the keys that differ."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
        return ", ".join(_was(f"{name}: {key}", before.get(key), now.get(key)) for key in keys)
    return f"{name} (was {before!r}, now {now!r})"
