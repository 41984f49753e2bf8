"""First step and peak memory, each shape in a process of its own and without a compilation cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.floor import floor_s
from benchmarks.shapes import GFLOP
from benchmarks.table import table

PROJECT = Path(__file__).resolve().parents[1]
CACHE_FLAG = "--tf_xla_persistent_cache"
BASELINE = "import only"
HEADER = ("fused XLA", "import s", "build s", "first step s", "compile s", "in floors", "peak MB", "without import")
COLUMNS = ("import_s", "build_s", "first_step_s", "compile_s", "compile_floors", "peak_mb", "own_mb")


def measure_memory(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Returns what fresh processes measure, by shape and for the import alone; prints it."""
    baseline = run_fresh()
    results = {BASELINE: baseline}
    for name in names:
        results[name] = compared(name, run_fresh(name), baseline)
    print(report(results), flush=True)
    return results


def run_fresh(*arguments: str) -> dict[str, float]:
    """Runs `benchmarks.fresh` and returns what it prints on its last line."""
    command = [sys.executable, "-m", "benchmarks.fresh", *arguments]
    environment = without_cache(os.environ)
    done = subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def without_cache(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns an environment without XLA's persistent compilation cache."""
    flags = [flag for flag in environment.get("TF_XLA_FLAGS", "").split() if not flag.startswith(CACHE_FLAG)]
    return {**environment, "TF_XLA_FLAGS": " ".join(flags)}


def compared(name: str, fresh: Mapping[str, float], baseline: Mapping[str, float]) -> dict[str, float]:
    """Adds the compilation as a multiple of the shape's floor, and the memory beyond that of the import."""
    floor = floor_s(GFLOP[name], fresh["floor_rate_gflops"])
    own = fresh["peak_mb"] - baseline["peak_mb"]
    return {**fresh, "compile_floors": fresh["compile_s"] / floor, "own_mb": own}


def report(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the table of fresh processes."""
    rows = [(name, *(row.get(column) for column in COLUMNS)) for name, row in results.items()]
    return table("fresh process: first step and peak memory", HEADER, rows)
