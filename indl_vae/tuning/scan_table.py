"""What came out of a scan, in two tables."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.tuning.member import INTERRUPTED, Member
from indl_vae.tuning.member_scores import scores_of
from indl_vae.tuning.scan_summary import summary

FILE, SUMMARY_FILE = "scan.csv", "scan_summary.csv"
#: The columns behind the scores.
_AFTER = ("seconds", "folder", "exit_code", "said")
#: Columns whose names an argument may have as well; its column is then called set_<name>.
_OWN = ("name", "run", "status", "evaluation", "epochs", "best_epoch", "loss", *_AFTER)


class ScanTable:
    """The tables of a scan, written anew whenever a member has ended.

    Args:
        out: Folder of the scan.
        members: All members, in order.
    """

    def __init__(self, out: Path, members: Sequence[Member]) -> None:
        self._out, self._members = out, members
        self._known: dict[str, dict[str, float]] = {}  # scores of members that will not change

    def write(self, evaluated: bool) -> list[dict[str, Any]]:
        """Writes scan.csv and scan_summary.csv and returns the rows of the former.

        Args:
            evaluated: Whether members are to be evaluated, so that a missing evaluation is shown.
        """
        scores = [self._scores(member) for member in self._members]
        rows = [_row(member, own, evaluated) for member, own in zip(self._members, scores, strict=True)]
        write_table(rows, self._out / FILE)
        write_table(
            summary(rows, list(dict.fromkeys(name for own in scores for name in own))), self._out / SUMMARY_FILE
        )
        return rows

    def _scores(self, member: Member) -> dict[str, float]:
        if member.label in self._known:
            return self._known[member.label]
        scores = scores_of(member)
        if member.is_finished() and member.is_evaluated():
            self._known[member.label] = scores
        return scores


def unfinished(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the rows of members that lack something that was asked for."""
    return [row for row in rows if row["status"] != "finished" or row.get("evaluation", "done") != "done"]


def _row(member: Member, scores: Mapping[str, float], evaluated: bool) -> dict[str, Any]:
    """Returns a member's row: what it is, how it ended, the scores of its best epoch."""
    outcome, status = member.outcome(), member.status()
    row: dict[str, Any] = {"name": member.name, "run": member.run}
    row |= {f"set_{name}" if name in _OWN else name: value for name, value in member.settings.items()}
    row["status"] = status
    code, evaluation = outcome.get("exit_code"), outcome.get("evaluation_exit_code")
    if evaluated and status == "finished":
        row["evaluation"] = "done" if member.is_evaluated() else _missing(evaluation)
        code = evaluation or code
    row |= scores
    row |= {"seconds": outcome["seconds"]} if "seconds" in outcome else {}
    row["folder"] = str(member.folder)
    row |= {} if code is None else {"exit_code": code}
    row["said"] = member.last_words() if unfinished([row]) else ""
    return row


def _missing(evaluation_code: int | None) -> str:
    """Returns what there is to say of an evaluation whose scores are not there."""
    return "missing" if not evaluation_code or evaluation_code in INTERRUPTED else "failed"


def write_table(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Writes rows as a CSV file, whole or not at all."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    last = [name for name in _AFTER if name in names]
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*(name for name in names if name not in last), *last], restval="")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    os.replace(part, path)


def _cell(value: Any) -> Any:
    """Returns what stands in a cell: what a configuration file would say."""
    return json.dumps(value) if value is None or isinstance(value, (bool, list, dict)) else value
