"""How fast it is: start of the command, and LFADS training steps by route. Run by `make bench`.

Variants take turns (A B A B ...), so that a drift of the machine's speed falls on all; medians and spread are printed
and written to benchmarks/results.json. Ratios are what counts, and they need a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
RESULTS = Path(__file__).parent / "results.json"
SHAPE = {"trials": 128, "bins": 100, "channels": 60}
SIZES = {
    "f_units": [100],
    "z1_units": 64,
    "con_units": 64,
    "z_latent_size": 1,
    "f_latent_size": 100,
    "gen_units": 100,
    "n_factors": 40,
}


def main() -> None:
    """Measures, prints a table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each variant")
    args = parser.parse_args()
    results = {"start_s": measure(start_commands(), args.rounds)}
    results["training_step_s"] = measure(training_steps(), args.rounds)
    results["machine"] = {"cores": os.cpu_count(), "python": sys.version.split()[0]}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    for title in ("start_s", "training_step_s"):
        print(f"\n{title:28s} median   lowest  highest")
        for name, row in results[title].items():
            print(f"  {name:26s} {row['median']:6.3f}   {row['min']:6.3f}   {row['max']:6.3f}")


def measure(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Returns seconds by variant: median, lowest and highest of `rounds` turns after one that does not count."""
    times: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for name, run in variants.items():
            begin = time.perf_counter()
            run()
            if turn:
                times[name].append(time.perf_counter() - begin)
    return {n: {"median": statistics.median(t), "min": min(t), "max": max(t)} for n, t in times.items()}


def start_commands() -> dict[str, Callable[[], object]]:
    """Commands that must answer at once, without TensorFlow."""
    cli = [str(Path(sys.executable).with_name("indl-vae"))]
    commands = {
        "import indl_vae": [sys.executable, "-c", "import indl_vae"],
        "indl-vae --help": [*cli, "--help"],
        "indl-vae families": [*cli, "families"],
        "indl-vae params lfads": [*cli, "params", "lfads"],
    }
    return {n: lambda c=c: subprocess.run(c, check=True, capture_output=True) for n, c in commands.items()}


def training_steps() -> dict[str, Callable[[], object]]:
    """One LFADS training step (forward, backward, Adam) of the shape of the Lorenz data, by route."""
    import numpy as np

    from indl_vae import build_model, make_params
    from indl_vae.typing import DataSpec

    x = np.random.default_rng(0).poisson(0.2, tuple(SHAPE.values())).astype("float32")
    steps = {}
    for route in ("fused", "keras"):
        for jit in (False, True):
            params = make_params("lfads", {**SIZES, "rnn_route": route, "jit_compile": jit})
            model = build_model(params, DataSpec(SHAPE["channels"], SHAPE["bins"]))
            steps[f"{route} {'XLA' if jit else 'plain'}"] = lambda m=model: m.train_on_batch(x)
    return steps


if __name__ == "__main__":
    main()
