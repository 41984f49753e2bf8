"""Does a run that is killed go on to the same numbers? For each family, each a process as a user starts it.

    python -m benchmarks.exact_resume --folder FOLDER [--cases "lfads;dsae, full"] [--all-points]

A case is trained straight, and again with SIGKILL in epoch 3, once between two steps and once in the middle of writing
something (each case something else), and resumed to the end of epoch 6. Weights, random states, the optimizer, the
memory of the callbacks, the models kept and the rows of metrics.csv must be those of the straight run to the last
bit. A process is a copy of one that has imported the libraries, unless `--fresh` is said.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks.resuming.cases import CASES, DATA, SHARED, Case
from benchmarks.resuming.compare import differences, left_by, n_epochs
from benchmarks.resuming.killed_train import POINTS
from benchmarks.resuming.processes import Kill, forked_process, fresh_process, preload
from benchmarks.table import table

#: The case that is killed at every point.
THOROUGH = "lfads, plain"
#: Points that training comes to only in epochs that improve, or before the ramps have ended, and when it surely does.
FIRST = {"best": 2, "best_index": 3}
HEADER = ("case", "killed", "compared", "different", "seconds")


class Row(NamedTuple):
    """A line of the table."""

    case: str
    killed: str
    compared: int
    different: str
    seconds: float


def start(arguments: Sequence[object], kill: Kill | None = None, fresh: bool = True) -> bool:
    """Runs `indl-vae train` in a process and returns whether it was killed, or came to its end before that."""
    words = ["train", *map(str, arguments)]
    code, said = (fresh_process if fresh else forked_process)(words, kill)
    if code not in ((0,) if kill is None else (0, -signal.SIGKILL)):
        raise RuntimeError(f"exit code {code} of {' '.join(words)} ({kill}):\n{said[-3000:]}")
    return code != 0


def arguments_of(case: Case, data: Path) -> list[object]:
    """Returns the command line of a case without its folder."""
    settings = [f"--set={key}={json.dumps(value)}" for key, value in {**SHARED, **case.settings}.items()]
    return ["--data", data, "--family", case.family, *settings]


def data_of(case: Case, folder: Path) -> Path:
    """Returns the data of a case, written if they are not there."""
    path = folder / "data" / case.data
    path.parent.mkdir(parents=True, exist_ok=True)
    found = sorted(path.parent.glob(f"{case.data}*"))
    if not found:
        return DATA[case.data](path)
    return path if len(found) > 1 else found[0]


def straight(name: str, folder: Path, fresh: bool = True) -> Path:
    """Returns the folder of the run of a case that nothing interrupts."""
    out = folder / _plain(name) / "straight"
    if not out.exists():
        start([*arguments_of(CASES[name], data_of(CASES[name], folder)), "--out", out], fresh=fresh)
    return out


def killed(name: str, folder: Path, kills: Sequence[Kill], fresh: bool = True) -> tuple[Path, list[Kill]]:
    """Returns the folder of the run of a case that is killed so often, each time in a resumed process, and where."""
    case = CASES[name]
    data, out = data_of(case, folder), folder / _plain(name) / "_".join(f"{point}{epoch}" for point, epoch in kills)
    arguments, reached = arguments_of(case, data), []
    for kill in kills:
        if not start([*arguments, "--out", out], kill, fresh):
            return out, reached  # a model that does not improve is not written again
        reached.append(kill)
        arguments = ["--data", data, "--resume"]
    start([*arguments, "--out", out], fresh=fresh)
    return out, reached


def measure(name: str, folder: Path, kills: Sequence[Kill], fresh: bool = True) -> Row:
    """Returns the line of a case and the kills of one run."""
    began = time.monotonic()
    expected, (out, reached) = left_by(straight(name, folder, fresh)), killed(name, folder, kills, fresh)
    wrong = differences(left_by(out), expected)
    said = f"{len(wrong)}: {', '.join(wrong[:3])}" if wrong else "-"
    if n_epochs(out) != SHARED["n_epochs"] or not reached:
        said = f"{n_epochs(out)} epochs, killed {len(reached)} times"
    return Row(name, _words(reached), len(expected), said, round(time.monotonic() - began, 0))


def _words(kills: Sequence[Kill]) -> str:
    return ", ".join(f"{point} in epoch {epoch}" for point, epoch in kills)


def plan(names: Sequence[str], thorough: bool) -> list[tuple[str, list[Kill]]]:
    """Returns what is killed where: each case between two steps, and in a run of its own while it writes something.

    What that is goes in turn through the cases. Where `thorough`, one case is killed at every point, the last time
    thrice in a run.
    """
    writing = [point for point in POINTS if point != "step"]
    turns = {name: writing[number % len(writing)] for number, name in enumerate(CASES)}
    kills = lambda point: [(point, FIRST.get(point, 3))]  # noqa: E731
    planned = [(name, kills(point)) for name in names for point in ("step", turns[name])]
    alone = [(THOROUGH, kills(point)) for point in POINTS]
    return planned + ([*alone, (THOROUGH, [("model", 3), ("step", 4), ("index", 5)])] if thorough else [])


def chosen(wanted: str) -> list[str]:
    """Returns the cases of names or families between semicolons; all of them for none."""
    parts = [part.strip() for part in wanted.split(";") if part.strip()]
    names = [name for name in CASES if not parts or name in parts or name.split(",")[0] in parts]
    if not names:
        raise SystemExit(f"--cases {wanted}: expected some of {'; '.join(CASES)}.")
    return names


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name)


def _add(row: Row, folder: Path) -> None:
    """Writes the table of all runs of a folder, also those of earlier calls."""
    path = folder / "rows.json"
    rows = json.loads(path.read_text()) if path.exists() else []
    rows.append(row)
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    (folder / "table.md").write_text(table("Killed and resumed", HEADER, rows) + "\n", encoding="utf-8")
    print(" | ".join(map(str, row)), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a run, writes the table, and returns 1 if any run differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where data, runs and table.md go; new runs only")
    parser.add_argument("--cases", default="", help="names of cases or families, between semicolons; all by default")
    parser.add_argument("--all-points", action="store_true", help=f"kill {THOROUGH!r} at every point by itself as well")
    parser.add_argument("--fresh", action="store_true", help="each process imports everything anew, which takes longer")
    args = parser.parse_args(arguments)
    if not args.fresh:
        preload()
    failed = False
    for name, kills in plan(chosen(args.cases), args.all_points):
        try:
            row = measure(name, args.folder, kills, args.fresh)
        except RuntimeError as error:
            print(error, flush=True)
            row = Row(name, _words(kills), 0, "failed", 0)
        failed |= row.different != "-"
        _add(row, args.folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
