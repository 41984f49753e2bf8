"""Scans: all combinations of some values, several runs of each, several processes at once."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.cores import usable_cores
from indl_vae.errors import ConfigError
from indl_vae.params import load_yaml, params_of_layers
from indl_vae.tuning.argument import Argument, combinations
from indl_vae.tuning.member import COMMAND, Member
from indl_vae.tuning.scan_plan import keep_plan
from indl_vae.tuning.scan_table import write_tables

#: Seconds between looks at the processes.
_PAUSE = 0.1


def scan(
    data: str | Path,
    out: str | Path,
    arguments: Sequence[Argument],
    family: str | None = None,
    n_runs: int = 1,
    n_cpu: int = 1,
    config: str | Path | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
    report: Callable[[str], None] = print,
    command: Sequence[str] = COMMAND,
) -> list[dict[str, Any]]:
    """Trains every combination of values, `n_runs` times each, `n_cpu` at once, into `out/<name>/<run>`.

    Started again, it keeps what is finished, goes on with what was interrupted, and tries again what failed. Values and
    runs may be added. A member that fails is named in the table; the others are trained all the same.

    Args:
        data: Data file.
        out: Folder of the scan: scan.yaml (what was asked for), scan.csv (a row for each member) and scan_summary.csv
            (mean and deviation over the runs of each combination).
        arguments: What is varied; the first changes most slowly.
        family: Model family; that of the config, or lfads.
        n_runs: Runs of each combination, with seeds `seed`, `seed + 1`, ...
        n_cpu: Processes at once, which share the cores.
        config: YAML file of parameters.
        preset: Set of values to start from.
        settings: Parameters that are the same in all runs.
        report: Called with lines of progress.
        command: How a member is started; the arguments of `indl-vae` follow it.

    Returns:
        The rows of scan.csv.

    Raises:
        ConfigError: A combination is not accepted, or the folder holds another scan.
    """
    if n_runs < 1 or n_cpu < 1:
        raise ConfigError(f"n_runs, n_cpu: expected at least 1 of each, got {n_runs} and {n_cpu}.")
    out, fixed = Path(out), dict(settings or {})
    written = load_yaml(config) if config is not None else {}
    family = family or str(written.get("family", "lfads"))
    base = params_of_layers(family, written, {"preset": preset} if preset else {}, fixed)
    members = []
    for name, chosen in combinations(arguments):
        _check(family, written, preset, fixed, chosen, name)
        for run in range(n_runs):
            seed = {} if "seed" in chosen else {"seed": base.seed + run}
            members.append(Member(name, run + 1, {**chosen, **seed}, out / name))
    keep_plan(out, {"family": family, "data": str(data), "config": config and str(config), "preset": preset,
                    "settings": fixed}, arguments)  # fmt: skip
    shared = _shared(family, data, config, preset, fixed)
    _work(members, shared, command, n_cpu, report)
    return write_tables(out, members)


def _check(family: str, written: Mapping, preset: str | None, fixed: Mapping, chosen: Mapping, name: str) -> None:
    """Refuses a combination before anything is trained."""
    try:
        params_of_layers(family, written, {"preset": preset} if preset else {}, fixed, chosen)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error


def _shared(family: str, data: Any, config: Any, preset: str | None, fixed: Mapping[str, Any]) -> list[str]:
    given = ["--family", family, "--data", str(data)]
    given += ["--config", str(config)] if config is not None else []
    given += ["--preset", preset] if preset else []
    return [*given, *itertools.chain(*(("--set", f"{key}={json.dumps(value)}") for key, value in fixed.items()))]


def _work(
    members: Sequence[Member], shared: Sequence[str], command: Sequence[str], n_cpu: int, report: Callable[[str], None]
) -> None:
    waiting = [member for member in members if not member.is_finished()]
    done, running, started = len(members) - len(waiting), [], time.monotonic()
    report(f"{done} of {len(members)} runs are finished already, {min(n_cpu, usable_cores())} at once on this machine.")
    at_once, ended = n_cpu, 0
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(waiting.pop(0))
                running[-1].start(shared, command, at_once)
            time.sleep(_PAUSE)
            for member in [one for one in running if one.ended()]:
                running.remove(member)
                ended += 1
                report(_line(member, done + ended, len(members), started, ended, len(waiting) + len(running)))
    except BaseException:
        _stop(running)
        raise


def _line(member: Member, n_done: int, n_all: int, started: float, ended: int, left: int) -> str:
    outcome = member.outcome()
    said = "" if outcome["exit_code"] == 0 else f" FAILED, exit code {outcome['exit_code']}: {member.last_words()}"
    remains = (time.monotonic() - started) / ended * left
    which = f"{n_done}/{n_all} {member.name}/{member.number:03d}"
    return f"{which} {outcome['seconds']:.0f} s{said}; about {remains:.0f} s remain"


def _stop(running: Sequence[Member]) -> None:
    """Ends processes by SIGTERM, upon which they save their state, and waits for them."""
    for member in running:
        if member.process is not None:
            member.process.terminate()
    for member in running:
        if member.process is not None:
            member.process.wait()
            member.ended()
