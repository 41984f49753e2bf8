"""Start times of what must answer at once, without TensorFlow."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.table import table
from benchmarks.timing import interleave, spread_ms

HEADER = ("start", "median ms", "min", "max")
COLUMNS = ("median_ms", "min_ms", "max_ms")


def start_commands() -> dict[str, list[str]]:
    """Returns the commands by name."""
    command = str(Path(sys.executable).with_name("indl-vae"))
    return {
        "import indl_vae": [sys.executable, "-c", "import indl_vae"],
        "indl-vae --help": [command, "--help"],
        "indl-vae families": [command, "families"],
        "indl-vae params lfads": [command, "params", "lfads"],
    }


def measure_starts(rounds: int) -> dict[str, dict[str, float]]:
    """Returns the time of each command, a fresh process each; prints it."""
    runs = {
        name: functools.partial(subprocess.run, command, check=True, capture_output=True)
        for name, command in start_commands().items()
    }
    result = {name: spread_ms(values) for name, values in interleave(runs, rounds).items()}
    print(report(result), flush=True)
    return result


def report(result: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the table of starts."""
    return table("start of the command", HEADER, [(name, *(row[c] for c in COLUMNS)) for name, row in result.items()])
