"""Time of a training step, by route of the recurrences and with or without XLA."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.floor import PRODUCT, floor_s, make_product, rate_gflops
from benchmarks.products import step_gflop
from benchmarks.shapes import GFLOP, SHAPES, Shape
from benchmarks.subject import forget_models, make_batch, make_model
from benchmarks.table import table
from benchmarks.timing import interleave, seconds_of, spread_ms

ROUTES = ("keras", "loop", "fused")
#: Name -> route of the recurrences, whether XLA compiles the step.
VARIANTS = {f"{route} {'XLA' if xla else 'plain'}": (route, xla) for route in ROUTES for xla in (False, True)}
#: The plain while loop, which everyone would write first.
REFERENCE = "loop plain"
#: The large shapes leave out what takes minutes to build or seconds to run and says nothing new.
_SLOW = ("keras plain", "keras XLA", "loop XLA")
LEFT_OUT = {"maze": _SLOW, "long": _SLOW}
QUICK = (REFERENCE, "fused plain", "fused XLA")
HEADER = ("variant", "median ms", "min", "max", "floors", "/ loop plain", "build s", "first step s")
COLUMNS = ("median_ms", "min_ms", "max_ms", "floors", "to_loop_plain", "build_s", "first_step_s")


def variants_of(name: str, quick: bool = False) -> list[str]:
    """Returns the variants that are measured for a shape."""
    return [one for one in VARIANTS if one not in LEFT_OUT.get(name, ()) and (one in QUICK or not quick)]


def measure_steps(name: str, rounds: int, quick: bool = False) -> dict[str, Any]:
    """Returns times of the training steps of a shape, and the floor they stand on; prints them."""
    shape = SHAPES[name]
    batch = make_batch(shape)
    runs: dict[str, Callable[[], object]] = {PRODUCT: make_product()}
    starts: dict[str, dict[str, float]] = {}
    for variant in variants_of(name, quick):
        runs[variant], starts[variant] = _started(shape, variant, batch)
    result = summary(name, interleave(runs, rounds, warm=True), starts)
    runs.clear()
    forget_models()
    print(report(name, result), flush=True)
    return result


def _started(shape: Shape, variant: str, batch: Any) -> tuple[Callable[[], object], dict[str, float]]:
    """Builds a variant and takes its first step; the seconds of both are apart from those of later steps."""
    made: list[Any] = []
    build = seconds_of(lambda: made.append(make_model(shape, *VARIANTS[variant])))
    step = functools.partial(made[0].train_on_batch, batch)
    return step, {"build_s": build, "first_step_s": seconds_of(step)}


def summary(
    name: str, times: Mapping[str, Sequence[float]], starts: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    """Returns what is told of the seconds of all rounds: spreads, multiples of the floor and of the plain loop.

    Args:
        name: Of the shape.
        times: Seconds by variant and round, `floor.PRODUCT` among them.
        starts: By variant: what is told of its start.
    """
    rate = rate_gflops(times[PRODUCT])
    floor = floor_s(GFLOP[name], rate)
    medians = {variant: statistics.median(values) for variant, values in times.items()}
    reference = medians.get(REFERENCE)
    steps = {
        variant: {
            **spread_ms(times[variant]),
            "floors": medians[variant] / floor,
            "to_loop_plain": medians[variant] / reference if reference else None,
            **starts[variant],
        }
        for variant in starts
    }
    gflop = {"gflop": GFLOP[name], "gflop_counted": step_gflop(SHAPES[name])}
    left_out = [variant for variant in VARIANTS if variant not in steps]
    return {**gflop, "floor_rate_gflops": rate, "floor_ms": 1e3 * floor, "steps": steps, "left_out": left_out}


def report(name: str, result: Mapping[str, Any]) -> str:
    """Returns the table of a shape's training steps."""
    title = (
        f"{name}: training step (floor {result['floor_ms']:.0f} ms = {result['gflop']} GFLOP at 0.9 x "
        f"{result['floor_rate_gflops']:.0f} GFLOP/s)"
    )
    rows = [(variant, *(row[column] for column in COLUMNS)) for variant, row in result["steps"].items()]
    text = table(title, HEADER, rows)
    return text + (f"\n\nLeft out: {', '.join(result['left_out'])}." if result["left_out"] else "")
