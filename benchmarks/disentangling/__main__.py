"""Runs experiments and prints a row of figures for each seed and variant.

    python -m benchmarks.disentangling static-dynamic --folder FOLDER --seeds 0,1,2

What was trained already is opened, not trained again: the same command, once more, finishes the work.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks.disentangling import slow_sessions, speech, sprites, static_dynamic
from benchmarks.disentangling.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    "static-dynamic": static_dynamic.EXPERIMENT,
    "slow-sessions": slow_sessions.EXPERIMENT,
    "sprites": sprites.EXPERIMENT,
    "digits": speech.DIGITS,
    "vowels": speech.VOWELS,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs an experiment."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--folder", type=Path, required=True, help="where runs and figures go")
    parser.add_argument("--seeds", default="0", help="seeds of data and models, with commas")
    parser.add_argument("--variants", default="", help="names of variants, with commas; all by default")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="a parameter that wins, key=value")
    args = parser.parse_args(arguments)
    experiment = EXPERIMENTS[args.experiment]
    for variant in args.variants.split(",") if args.variants else experiment.variants:
        for seed in map(int, args.seeds.split(",")):
            figures = experiment.run(variant, seed, args.folder / args.experiment, args.settings)
            print(json.dumps({"experiment": args.experiment, "variant": variant, "seed": seed, **figures}), flush=True)


if __name__ == "__main__":
    main()
