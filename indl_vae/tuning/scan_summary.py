"""Mean and deviation over the runs of each combination, and what is missing in them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

#: Columns of a run, not of its combination.
_OF_RUNS = ("run", "seed", "status", "evaluation", "seconds", "folder", "exit_code", "said")


def summary(rows: Sequence[Mapping[str, Any]], scores: Sequence[str]) -> list[dict[str, Any]]:
    """Returns a row for each combination.

    Args:
        rows: Of the members.
        scores: Names of the columns to summarise.

    Returns:
        Name and values of the combination; how many runs finished; which did not, and why; mean and sample deviation of
        each score over those that did (`_std` is empty for one run); and which scores of which runs were left out since
        they are not finite or not there.
    """
    names = dict.fromkeys(row["name"] for row in rows)
    return [_summary([row for row in rows if row["name"] == name], scores) for name in names]


def _summary(rows: Sequence[Mapping[str, Any]], scores: Sequence[str]) -> dict[str, Any]:
    finished = [row for row in rows if row["status"] == "finished"]
    line = {name: value for name, value in rows[0].items() if name not in (*_OF_RUNS, *scores)}
    line |= {"runs": len(rows), "finished": len(finished)}
    line["not_finished"] = ", ".join(f"{row['run']} ({row['status']})" for row in rows if row["status"] != "finished")
    left_out = []
    for score in [*scores, "seconds"]:
        values = [row[score] for row in finished if math.isfinite(row.get(score, math.nan))]
        line |= _mean_and_std(score, values)
        left_out += [f"{score} of {row['run']}" for row in finished if not math.isfinite(row.get(score, math.nan))]
    line["left_out"] = ", ".join(left_out)
    return line


def _mean_and_std(score: str, values: Sequence[float]) -> dict[str, float]:
    line = {f"{score}_mean": statistics.fmean(values)} if values else {}
    return line | ({f"{score}_std": statistics.stdev(values)} if len(values) > 1 else {})
