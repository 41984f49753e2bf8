"""The command: what is measured, what is printed, what is written."""

from __future__ import annotations

import argparse
import json
import logging
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.inference import measure_inference
from benchmarks.machine import machine
from benchmarks.memory import BASELINE, measure_memory
from benchmarks.products import disagreement, step_gflop
from benchmarks.scaling import measure_scaling
from benchmarks.shapes import GFLOP, SHAPES
from benchmarks.starts import measure_starts
from benchmarks.steps import measure_steps
from benchmarks.table import table

RESULTS = Path(__file__).parent / "results.json"
#: In this order: fresh processes come before this one fills with models.
SECTIONS = ("starts", "memory", "steps", "inference", "scaling")
QUICK_SHAPES, QUICK_ROUNDS = "lorenz", 2
SHAPE_HEADER = ("shape", "B", "T", "N", "ic_enc", "ci_enc", "con", "co", "ic", "gen", "fac", "GFLOP", "counted")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints tables, and writes the results of a whole run."""
    args = parse(arguments)
    # Every model is traced for itself; TensorFlow takes many of them in one process for needless retracing and warns.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    print(shapes_table(args.shapes))
    results = measure(args)
    if args.output is None:
        print("\nOnly a part was measured: nothing is written unless --output names a file.")
        return
    args.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"\nWritten: {args.output}")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Returns the options; a run that leaves something out has no output unless it is named."""
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description="How fast the library is.")
    parser.add_argument("--shapes", type=_shape_names, help=f"of {', '.join(SHAPES)}, between commas; default all")
    parser.add_argument("--only", choices=SECTIONS, help="one section instead of all")
    parser.add_argument("--rounds", type=int, help="turns of each variant that count; default 7")
    parser.add_argument("--quick", action="store_true", help="does it run: lorenz, two rounds, fewer variants")
    parser.add_argument("--output", type=Path, help=f"default for whole runs: {RESULTS.name} in this folder")
    args = parser.parse_args(arguments)
    if args.output is None and not (args.quick or args.only or args.shapes):
        args.output = RESULTS
    args.shapes = args.shapes or _shape_names(QUICK_SHAPES if args.quick else ",".join(SHAPES))
    args.rounds = args.rounds or (QUICK_ROUNDS if args.quick else 7)
    return args


def _shape_names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in SHAPES]
    if unknown:
        raise argparse.ArgumentTypeError(f"expected names of {', '.join(SHAPES)} between commas, got {unknown}")
    return names


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Runs the sections asked for and returns their results, those of each shape together."""
    wanted = (args.only,) if args.only else SECTIONS
    results: dict[str, Any] = {"machine": machine()}
    shapes: dict[str, dict[str, Any]] = {name: {} for name in args.shapes}
    if "starts" in wanted:
        results["starts"] = measure_starts(args.rounds)
    if "memory" in wanted:
        fresh = measure_memory(args.shapes)
        results["import_only"] = fresh[BASELINE]
        for name in shapes:
            shapes[name]["fresh"] = fresh[name]
    if "steps" in wanted:
        for name in shapes:
            shapes[name] |= measure_steps(name, args.rounds, args.quick)
        results["floor_rate_gflops"] = floor_rate(shapes.values())
    if "inference" in wanted:
        results["inference"] = measure_inference(args.rounds)
    if "scaling" in wanted:
        results["scaling"] = measure_scaling(args.rounds, args.quick)
    return {**results, "shapes": shapes}


def floor_rate(shapes: Iterable[dict[str, Any]]) -> float:
    """Returns the rate of the whole run: the median of those measured among each shape's steps."""
    return statistics.median(shape["floor_rate_gflops"] for shape in shapes)


def shapes_table(names: Sequence[str]) -> str:
    """Returns the table of the shapes, and what is to be said where the two counts of GFLOP disagree."""
    counted = {name: step_gflop(SHAPES[name]) for name in names}
    rows = [(name, *vars(SHAPES[name]).values(), GFLOP[name], counted[name]) for name in names]
    notes = [f"\n{name}: {note}" for name in names if (note := disagreement(GFLOP[name], counted[name]))]
    return table("shapes, and GFLOP of one step's matrix products", SHAPE_HEADER, rows) + "".join(notes)
