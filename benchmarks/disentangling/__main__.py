"""Runs experiments and prints a row of figures for each seed and variant.

    python -m benchmarks.disentangling static-dynamic --folder FOLDER --seeds 0,1,2

What was trained already is opened, not trained again: the same command, once more, finishes the work.
"""

from __future__ import annotations

from benchmarks.disentangling import slow_sessions, speech, sprites, static_dynamic
from benchmarks.experiment import Experiment, run_experiments

EXPERIMENTS: dict[str, Experiment] = {
    "static-dynamic": static_dynamic.EXPERIMENT,
    "slow-sessions": slow_sessions.EXPERIMENT,
    "sprites": sprites.EXPERIMENT,
    "digits": speech.DIGITS,
    "vowels": speech.VOWELS,
}

if __name__ == "__main__":
    run_experiments(EXPERIMENTS, __doc__ or "")
