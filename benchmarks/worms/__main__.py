"""Runs experiments with models of neurons with identities and prints a row of figures for each seed and variant.

    python -m benchmarks.worms worms --folder FOLDER --seeds 0,1,2 --variants default,value_only
    INDL_VAE_DATA=DATA python -m benchmarks.worms fmri --folder FOLDER --seeds 0,1,2

What was trained already is opened, not trained again: the same command, once more, finishes the work.
"""

from __future__ import annotations

from benchmarks.experiment import Experiment, run_experiments
from benchmarks.worms import made, recordings

EXPERIMENTS: dict[str, Experiment] = {"worms": made.WORMS, "fmri": recordings.FMRI}

if __name__ == "__main__":
    run_experiments(EXPERIMENTS, __doc__ or "")
