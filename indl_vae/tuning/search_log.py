"""Tells how far a search is, after each trial."""

from __future__ import annotations

import threading
from typing import Any

from indl_vae.tuning.scan_progress import ScanProgress, duration
from indl_vae.tuning.search_table import SearchTable, best_row


class SearchLog:
    """Writes the table and a line of progress whenever a trial has ended.

    Args:
        table: Of the search.
        progress: Shows the lines.
    """

    def __init__(self, table: SearchTable, progress: ScanProgress) -> None:
        self.rows: list[dict[str, Any]] = []
        self._table, self._progress, self._lock = table, progress, threading.Lock()

    def say(self, line: str) -> None:
        """Shows a line."""
        self._progress.say(line)

    def ended(self, number: str) -> None:
        """Tells of a trial that has ended; may be called from several threads."""
        with self._lock:
            self.rows = self._table.write()
            row = next(one for one in self.rows if one["trial"] == number)
            self._progress.ended(self._line(row))

    def _line(self, row: dict[str, Any]) -> str:
        took = f" after {duration(row['seconds'])}" if "seconds" in row else ""
        line = f"trial {row['trial']} {row['status']}{took}"
        if row["status"] == "failed":
            return f"{line}: {row['said']}"
        best = best_row(self.rows)
        return f"{line}, score {row['score']:.5g} (best {best['score']:.5g}, trial {best['trial']})"
