"""Runs experiments with models of several regions and prints a row of figures for each seed and variant.

    python -m benchmarks.region_models double-well --folder FOLDER --seeds 0,1,2 --variants s_svae,mean_field

What was trained already is opened, not trained again: the same command, once more, finishes the work.
"""

from __future__ import annotations

from benchmarks.experiment import Experiment, run_experiments
from benchmarks.region_models import recordings, simulations

EXPERIMENTS: dict[str, Experiment] = {
    "double-well": simulations.DOUBLE_WELL,
    "lotka-volterra": simulations.LOTKA_VOLTERRA,
    "rnn-regions": simulations.NETWORKS,
    "v1v2": recordings.V1V2,
    "fmri": recordings.FMRI,
}

if __name__ == "__main__":
    run_experiments(EXPERIMENTS, __doc__ or "")
