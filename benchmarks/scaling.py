"""How the training step grows with the sizes: each doubled in turn."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.products import step_gflop
from benchmarks.shapes import SHAPES, Shape
from benchmarks.subject import forget_models, make_batch, make_model
from benchmarks.table import table
from benchmarks.timing import interleave, ratios, spread_ms

SHAPE = "lorenz"
BASE = "base"
#: What is doubled, under the name that readers know it by.
DOUBLED = {"T x 2": "bins", "B x 2": "trials", "N x 2": "channels", "gen_units x 2": "gen"}
HEADER = ("fused XLA", "median ms", "min", "max", "ratio", "min", "max", "ratio of products")
COLUMNS = ("median_ms", "min_ms", "max_ms", "ratio", "ratio_min", "ratio_max", "products")


def scaled_shapes(names: Iterable[str] = tuple(DOUBLED)) -> dict[str, Shape]:
    """Returns the base and the shapes with one size doubled, by name."""
    base = SHAPES[SHAPE]
    return {BASE: base, **{name: base.doubled(DOUBLED[name]) for name in names}}


def measure_scaling(rounds: int, quick: bool = False) -> dict[str, Any]:
    """Returns step times of the base and of each doubled shape (the first alone if quick), and ratios; prints them."""
    runs = {
        name: functools.partial(make_model(shape).train_on_batch, make_batch(shape))
        for name, shape in scaled_shapes(list(DOUBLED)[: 1 if quick else None]).items()
    }
    result = summary(interleave(runs, rounds, warm=True))
    runs.clear()
    forget_models()
    print(report(result), flush=True)
    return result


def summary(times: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Returns spreads, ratios to the base in the same round, and the ratio that the products alone would have."""
    shapes, to_base = scaled_shapes(), ratios(times, BASE)
    gflop = step_gflop(shapes[BASE])
    rows = {}
    for name, values in times.items():
        ratio = {"ratio": to_base[name]["median"], "ratio_min": to_base[name]["min"], "ratio_max": to_base[name]["max"]}
        rows[name] = {**spread_ms(values), **ratio, "products": step_gflop(shapes[name]) / gflop}
    return {"shape": SHAPE, "steps": rows}


def report(result: Mapping[str, Any]) -> str:
    """Returns the table of scaling."""
    rows = [(name, *(row[column] for column in COLUMNS)) for name, row in result["steps"].items()]
    return table(f"{result['shape']}: training step with one size doubled", HEADER, rows)
