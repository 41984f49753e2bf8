"""What a fresh process does: imports the library, builds a model, takes a few training steps; prints JSON.

A program of its own (`python -m benchmarks.fresh lorenz`): compile times and peak memory are those of the first model
of a process. Without a shape it imports the library alone.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks.floor import make_product, rate_gflops
from benchmarks.shapes import SHAPES
from benchmarks.subject import make_batch, make_model
from benchmarks.timing import interleave, seconds_of

STEPS = 3
STATUS = Path("/proc/self/status")


def main() -> None:
    """Prints the measurements as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shape", nargs="?", choices=SHAPES)
    args = parser.parse_args()
    result = {"import_s": seconds_of(_import_library)}
    if args.shape:
        result |= _train(args.shape)
    result["peak_mb"] = peak_mb()
    if args.shape:
        result["floor_rate_gflops"] = rate_gflops(interleave({"product": make_product()}, 5)["product"])
    print(json.dumps(result))


def _import_library() -> None:
    import indl_vae

    indl_vae.build_model  # noqa: B018  imported when it is first asked for, and TensorFlow with it


def _train(name: str) -> dict[str, Any]:
    """Returns the seconds of building, of the first step, and of compiling: what the first takes beyond the later."""
    shape, made = SHAPES[name], []
    build = seconds_of(lambda: made.append(make_model(shape)))
    batch = make_batch(shape)
    first, *later = (seconds_of(lambda: made[0].train_on_batch(batch)) for _ in range(STEPS))
    step = statistics.median(later)
    return {"build_s": build, "first_step_s": first, "compile_s": first - step, "step_s": step}


def peak_mb() -> float:
    """Returns the largest resident memory of this process in MB.

    Linux's `ru_maxrss` starts with what the parent had when it forked, so the kernel's own high-water mark is taken
    where there is one.
    """
    if STATUS.is_file():
        return high_water_mb(STATUS.read_text(encoding="utf-8"))
    import resource

    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return kilobytes / 1024


def high_water_mb(status: str) -> float:
    """Returns the high-water mark in MB from the text of Linux's process status, NaN where it is not told."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
