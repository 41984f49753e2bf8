"""Scans: all combinations of some values, several runs of each, several processes at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.data import load_for
from indl_vae.errors import ConfigError
from indl_vae.tuning.argument import Argument
from indl_vae.tuning.combinations import combine, shared_settings
from indl_vae.tuning.job import COMMAND, Launcher
from indl_vae.tuning.locks import is_locked
from indl_vae.tuning.member import Member, code_in_words, make_members
from indl_vae.tuning.scan_plan import claimed, make_plan
from indl_vae.tuning.scan_progress import ScanProgress, duration
from indl_vae.tuning.scan_table import ScanTable
from indl_vae.tuning.work import leaving_on_signals, work


def scan(
    family: str | None,
    data: str | Path,
    out: str | Path,
    arguments: Sequence[Argument],
    n_runs: int = 1,
    n_cpu: int = 1,
    config: str | Path | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
    evaluate: bool = False,
    *,
    report: Callable[[str], None] | None = None,
    command: Sequence[str] = COMMAND,
) -> list[dict[str, Any]]:
    """Trains every combination of values, `n_runs` times each, `n_cpu` at once, into `out/<name>/<run>`.

    All combinations and the data are checked before anything is trained. Started again, it keeps what is finished, goes
    on with what was interrupted, and tries again what failed; values and runs may be added. A member that fails is
    named in the tables; the others are trained all the same. Ctrl-C, SIGTERM and SIGHUP end the processes too, which
    save their state.

    Args:
        family: Model family; None for that of the configuration file, or lfads.
        data: Data file.
        out: Folder of the scan: scan.yaml (what was asked for), scan.csv (a row for each member) and scan_summary.csv
            (mean and deviation over the runs of each combination). Beside each run folder lie its .log (what the
            process said), .yaml (its parameters) and .json (how it ended).
        arguments: What is varied; the first changes most slowly.
        n_runs: Runs of each combination; run r has the seed `seed + r - 1`, unless the seed is an argument.
        n_cpu: Processes at once; each gets its share of the cores by `TF_NUM_INTRAOP_THREADS`,
            `TF_NUM_INTEROP_THREADS` and `OMP_NUM_THREADS`.
        config: YAML file of parameters; what it says now is what all runs get.
        preset: Set of values to start from, under the file.
        settings: Parameters that are the same in all runs; they win over both.
        evaluate: Run `indl-vae evaluate` on every finished member, too.
        report: Called with the lines of progress, which are otherwise printed on stderr.
        command: How a process is started: arguments of `indl-vae` follow, of train and evaluate. Another program that
            takes them and writes the files of a run folder may stand here.

    Returns:
        The rows of scan.csv.

    Raises:
        ConfigError: A combination is not accepted.
        DataError: The data cannot be used.
        RunError: The folder holds something else, a scan of other arguments, or one that is being worked on.
    """
    if n_runs < 1 or n_cpu < 1:
        raise ConfigError(f"n_runs, n_cpu: expected at least 1 of each, got {n_runs} and {n_cpu}. Give larger numbers.")
    out, source = Path(out), str(Path(data).absolute())
    shared = shared_settings(family, config, preset, settings)
    combinations = combine(shared, arguments)
    members = make_members(combinations, arguments, n_runs, out)
    sha256 = load_for(combinations[0].params, source).sha256
    plan = make_plan(shared, source, sha256, arguments, sorted({member.run for member in members}))
    with claimed(out, plan), leaving_on_signals():
        table = ScanTable(out, members)
        try:
            _work(members, source, command, n_cpu, evaluate, report, lambda: table.write(evaluate))
        finally:
            rows = table.write(evaluate)
    return rows


def _work(
    members: Sequence[Member],
    source: str,
    command: Sequence[str],
    n_cpu: int,
    evaluate: bool,
    report: Callable[[str], None] | None,
    write: Callable[[], Any],
) -> None:
    """Trains and evaluates what is not yet, and shows how far it is."""

    def lacks_evaluation(member: Member) -> bool:
        return evaluate and member.is_finished() and not member.is_evaluated()

    def goes_on(member: Member) -> bool:
        return lacks_evaluation(member) and "evaluation_exit_code" not in member.outcome()

    def ended(member: Member) -> None:
        write()
        progress.ended(_line(member))

    waiting = [member for member in members if not member.is_finished() or lacks_evaluation(member)]
    at_once = max(1, min(n_cpu, len(waiting)))
    with ScanProgress(len(members), len(members) - len(waiting), report) as progress:
        progress.say(_first_line(members, waiting, at_once))
        work(waiting, Launcher(source, command, at_once), at_once, goes_on, ended)


def _first_line(members: Sequence[Member], waiting: Sequence[Member], at_once: int) -> str:
    line = f"{len(members) - len(waiting)} of {len(members)} runs are finished"
    line += f"; the others, {at_once} at once" if waiting else ""
    left_behind = [member.label for member in waiting if is_locked(member.log)]
    if left_behind:
        line += f". Of an earlier scan these are still at work and end first: {', '.join(left_behind)}"
    return f"{line}."


def _line(member: Member) -> str:
    outcome, status = member.outcome(), member.status()
    took = f"{member.label} {status} after {duration(outcome['seconds'])}"
    if status != "finished":
        return f"{took}, exit code {code_in_words(outcome['exit_code'])}: {member.last_words()}"
    failed = outcome.get("evaluation_exit_code")
    if not failed:
        return took
    return f"{took}, but its evaluation failed, exit code {code_in_words(failed)}: {member.last_words()}"
