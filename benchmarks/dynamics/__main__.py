"""Runs experiments and prints a row of figures for each seed and variant.

    python -m benchmarks.dynamics lorenz63 --folder FOLDER --seeds 0,1,2 --variants generalized

What was trained already is opened, not trained again: the same command, once more, finishes the work.
"""

from __future__ import annotations

from benchmarks.dynamics import integration, spikes
from benchmarks.dynamics.attractors import experiment
from benchmarks.experiment import Experiment, run_experiments

EXPERIMENTS: dict[str, Experiment] = {
    "lorenz63": experiment("lorenz63"),
    "lorenz96": experiment("lorenz96"),
    "rossler": experiment("rossler"),
    "bursting-neuron": experiment("bursting_neuron"),
    "line-attractor": integration.EXPERIMENT,
    "spikes": spikes.EXPERIMENT,
}

if __name__ == "__main__":
    run_experiments(EXPERIMENTS, __doc__ or "")
