"""What came out of a search: a table, a figure, and the best trial's parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indl_vae.params import Params
from indl_vae.run_folder import RunFolder
from indl_vae.tuning.member_scores import scores_of
from indl_vae.tuning.scan_table import write_table
from indl_vae.tuning.search_space import SearchSpace
from indl_vae.tuning.trial_member import TrialMember
from indl_vae.tuning.trial_runner import EARLIER

FILE, FIGURE, BEST = "tuning.csv", "tuning.png", "best.yaml"
_STATUS = {"COMPLETED": "finished", "FAILED": "failed", "RUNNING": "started"}
#: The columns behind those of the parameters.
_SCORES = ("epochs", "best_epoch", "val_nll")


class SearchTable:
    """Writes tuning.csv, best.yaml and tuning.png of a search.

    Args:
        out: Folder of the search.
        oracle: Its oracle.
        space: What it draws.
    """

    def __init__(self, out: Path, oracle: Any, space: SearchSpace) -> None:
        self._out, self._oracle, self._space = out, oracle, space
        self._known: dict[str, dict[str, Any]] = {}

    def write(self) -> list[dict[str, Any]]:
        """Writes the table and the best trial's parameters, and returns the rows, a row for each trial."""
        rows = [self._row(number, trial) for number, trial in sorted(self._oracle.trials.items(), key=_order)]
        if rows:
            write_table(rows, self._out / FILE)
        best = best_row(rows)
        if best is not None:
            part = self._out / f".{BEST}.part"
            Params.from_yaml(RunFolder(best["folder"]).params).to_yaml(part)
            os.replace(part, self._out / BEST)
        return rows

    def draw(self, rows: list[dict[str, Any]]) -> None:
        """Draws the score against every searched parameter."""
        from indl_vae.analysis.plots import plot_search, to_png

        spans = {one.name: one.span for one in self._space.dimensions}
        logs = [name for name, span in spans.items() if span is not None and span.scale == "log"]
        scores = [row.get("score") for row in rows]
        values = {name: [row.get(name) for row in rows] for name in spans}
        (self._out / FIGURE).write_bytes(to_png(plot_search(scores, values, log_scaled=logs)))

    def _row(self, number: str, trial: Any) -> dict[str, Any]:
        if number in self._known:
            return self._known[number]
        row = _row(number, trial, self._space, self._out)
        if row["status"] in ("finished", "failed"):
            self._known[number] = row
        return row


def best_row(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Returns the row of the best trial; None where none has finished."""
    finished = [row for row in rows if row["status"] == "finished" and "score" in row]
    return min(finished, key=lambda row: row["score"], default=None)


def _row(number: str, trial: Any, space: SearchSpace, out: Path) -> dict[str, Any]:
    drawn: Mapping[str, Any] = trial.hyperparameters.values
    member = TrialMember(number, {}, None, out)
    outcome, found = member.outcome(), member.score()
    row: dict[str, Any] = {"trial": number, "status": _STATUS.get(trial.status, trial.status.lower())}
    if found is not None and row["status"] == "finished":
        row["score"] = found[0]
    row |= space.chosen(drawn)
    row |= {"goes_on_with": drawn[EARLIER]} if drawn.get(EARLIER) else {}
    row |= {name: value for name, value in scores_of(member).items() if name in _SCORES}
    row |= {"seconds": outcome["seconds"]} if "seconds" in outcome else {}
    row["folder"] = str(member.folder)
    row |= {"exit_code": outcome["exit_code"]} if "exit_code" in outcome else {}
    failed = row["status"] == "failed"
    row["said"] = (outcome.get("said") or member.last_words() or trial.message or "") if failed else ""
    return row


def _order(item: tuple[str, Any]) -> tuple[int, str]:
    return int(item[0]), item[0]
