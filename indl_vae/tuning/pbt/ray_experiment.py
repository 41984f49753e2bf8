"""The Ray Tune experiment that trains a population."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ray import tune

from indl_vae.tuning.pbt.generation_scheduler import EndOfPopulation, GenerationScheduler, last_line
from indl_vae.tuning.pbt.member_trainable import MemberTrainable
from indl_vae.tuning.pbt.population import Population


def run_experiment(
    population: Population,
    source: str,
    out: Path,
    resources: Mapping[str, float],
    ended: Callable[[dict[str, Any]], None],
    failed: Callable[[int], None],
) -> str:
    """Trains a population until it is finished, or until Ray can no longer.

    Each call is an experiment of its own in `out/ray`: what is to be done is in the population's state, so that an
    interrupted experiment needs nothing of Ray's to go on.

    Args:
        population: Its state.
        source: Path of the data.
        out: Folder of the population.
        resources: "cpu" and "gpu" of each worker.
        ended, failed: As for `GenerationScheduler`.

    Returns:
        What went wrong, in a line; empty if nothing did.
    """
    # A worker for each member: as many start as there is room for, and others when a machine joins.
    config = {"worker": tune.grid_search(list(range(population.settings.size))), "folder": str(out), "source": source}
    attempts = [path for path in (out / "ray").glob("attempt_*") if path.is_dir()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray's own deprecations
        analysis = tune.run(  # not Tuner, which pickles what it is given: the callbacks hold a terminal
            MemberTrainable,
            name=f"attempt_{len(attempts) + 1:03d}",
            storage_path=str(out / "ray"),
            config=config,
            resources_per_trial=dict(resources),
            scheduler=GenerationScheduler(population, ended, failed),
            metric="score",
            mode="min",
            stop=EndOfPopulation(population),
            max_failures=-1,  # the scheduler counts
            raise_on_failed_trial=False,
            verbose=0,
        )
    files = [trial.error_file for trial in analysis.trials if trial.error_file]
    return "; ".join(dict.fromkeys(last_line(file) for file in files))
