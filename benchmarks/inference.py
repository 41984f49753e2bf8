"""Time of validation, prediction and posterior averages, per trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.floor import PRODUCT, floor_s, make_product, rate_gflops
from benchmarks.products import trial_gflop
from benchmarks.shapes import SHAPES
from benchmarks.subject import forget_models, make_batch, make_model
from benchmarks.table import table
from benchmarks.timing import interleave, spread_ms

SHAPE = "lorenz"
SAMPLES = 50
POSTERIOR_TRIALS = 64
HEADER = ("per trial", "median ms", "min", "max", "floors")
COLUMNS = ("median_ms", "min_ms", "max_ms", "floors")


def measure_inference(rounds: int) -> dict[str, Any]:
    """Returns times per trial of a model of the shape `SHAPE`, fused and with XLA; prints them."""
    batch = make_batch(SHAPES[SHAPE])
    model = make_model(SHAPES[SHAPE])
    runs = {PRODUCT: make_product(), **calls(model, batch)}
    result = summary(interleave(runs, rounds))
    forget_models()
    print(report(result), flush=True)
    return result


def calls(model: Any, batch: np.ndarray) -> dict[str, Callable[[], object]]:
    """Returns what is timed: one call each, on a batch or on its first trials."""
    return {
        "validation": lambda: model.test_on_batch(batch),
        "predict": lambda: model.predict(batch, batch_size=len(batch), verbose=0),
        "posterior": lambda: model.posterior(batch[:POSTERIOR_TRIALS], samples=SAMPLES),
    }


def trials_and_samples(call: str) -> tuple[int, int]:
    """Returns the trials a call works on, and its posterior samples of each."""
    return (POSTERIOR_TRIALS, SAMPLES) if call == "posterior" else (SHAPES[SHAPE].trials, 1)


def summary(times: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Returns spreads per trial, and multiples of the floor: the forward products, the encoders' once a trial."""
    rate = rate_gflops(times[PRODUCT])
    rows = {}
    for call in times:
        if call != PRODUCT:
            trials, samples = trials_and_samples(call)
            row = spread_ms(times[call], per=trials)
            floor_ms = 1e3 * floor_s(trial_gflop(SHAPES[SHAPE], samples), rate)
            rows[call] = {**row, "floors": row["median_ms"] / floor_ms, "trials": trials, "samples": samples}
    return {"shape": SHAPE, "floor_rate_gflops": rate, "calls": rows}


def report(result: Mapping[str, Any]) -> str:
    """Returns the table of inference times."""
    rows = [(name, *(row[column] for column in COLUMNS)) for name, row in result["calls"].items()]
    title = f"{result['shape']}: inference, fused XLA ({SAMPLES} posterior samples of {POSTERIOR_TRIALS} trials)"
    return table(title, HEADER, rows)
