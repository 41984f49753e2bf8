"""What a scan's folder was asked for, so that a second call cannot mix two scans."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import dump_yaml, load_yaml
from indl_vae.tuning.argument import Argument

FILE = "scan.yaml"


def keep_plan(out: Path, fixed: Mapping[str, Any], arguments: Sequence[Argument]) -> None:
    """Writes what is asked for into `scan.yaml`, after a look at what stands there.

    Args:
        out: Folder of the scan.
        fixed: What all runs share.
        arguments: What is varied.

    Raises:
        ConfigError: Something else was asked for before; values may be added, and no more.
    """
    varied = {one.name: {"values": one.values, "add_to_name_as": one.add_to_name_as} for one in arguments}
    plan = {**fixed, "arguments": varied}
    if (out / FILE).exists():
        _check(out, load_yaml(out / FILE), plan)
    out.mkdir(parents=True, exist_ok=True)
    part = out / f".{FILE}.part"
    part.write_text(dump_yaml(plan), encoding="utf-8")
    os.replace(part, out / FILE)


def _check(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    differing = [name for name in now if name != "arguments" and before.get(name) != now[name]]
    old, new = before.get("arguments", {}), now["arguments"]
    differing += [name for name in {*old, *new} if not _extends(old.get(name), new.get(name))]
    if differing:
        raise ConfigError(
            f"{out}: holds a scan that differs in {', '.join(sorted(differing))}. Choose another folder; values "
            "and runs may be added to this one."
        )


def _extends(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    """Returns whether an argument has the values that it had, and maybe more."""
    if old is None or new is None or old["add_to_name_as"] != new["add_to_name_as"]:
        return False
    return all(value in new["values"] for value in old["values"])
