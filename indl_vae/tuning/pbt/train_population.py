"""Trains a population on Ray Tune."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from indl_vae.errors import RunError, TrainingDivergedError
from indl_vae.tuning.pbt.best_member import keep_best
from indl_vae.tuning.pbt.population import Population
from indl_vae.tuning.pbt.population_picture import draw_population
from indl_vae.tuning.pbt.population_plan import PopulationPlan, claimed
from indl_vae.tuning.pbt.population_tables import write_tables
from indl_vae.tuning.scan_progress import ScanProgress
from indl_vae.tuning.work import leaving_on_signals


def train_population(
    plan: PopulationPlan,
    out: str | Path,
    address: str | None = None,
    cpus_per_member: float = 1,
    gpus_per_member: float = 0,
    report: Callable[[str], None] | None = None,
) -> Population:
    """Trains a population into a folder; one that was interrupted goes on, with the same numbers.

    Args:
        plan: From `make_plan`.
        out: Folder: population.yaml (what was asked for), population.json (the state), `members/` (a run folder each),
            `best/` (the run folder of the best member so far), pbt_state.csv, exploits.csv, gen_config.csv and
            population.png. Every machine of a cluster must see it, and the data, under the same path.
        address: Of a Ray cluster, "auto" for the one of this machine; None starts one here and ends it.
        cpus_per_member: Cores of each member; they limit how many train at once.
        gpus_per_member: GPUs of each, as a share where several members use one.
        report: Called with the lines of progress, which are otherwise printed on stderr.

    Returns:
        The population, finished.

    Raises:
        ConfigError: Ray is not installed, or the cluster has no room for a member.
        RunError: The folder holds something else, or the cluster was lost.
        TrainingDivergedError: No member has a score.
    """
    from indl_vae.tuning.pbt.ray_cluster import check_room, ray_cluster

    out = Path(out).absolute()
    with claimed(out, plan), leaving_on_signals():
        population = Population(out, plan.settings, plan.burn_in)
        population.write()
        plan.params.to_yaml(out / "members.yaml")
        settings = plan.settings
        with ScanProgress(settings.generations, len(population.history), report, things="generations") as progress:
            progress.say(_first_line(population))
            if not population.finished:
                with ray_cluster(address, cpus_per_member):
                    check_room(cpus_per_member, gpus_per_member)
                    resources = {"cpu": cpus_per_member, "gpu": gpus_per_member}
                    _run(population, plan, out, resources, progress)
            progress.say(f"Finished: {population.finished}. Best: {out / 'best'}")
        _write_all(population, out)
    return population


def _run(
    population: Population,
    plan: PopulationPlan,
    out: Path,
    resources: Mapping[str, float],
    progress: ScanProgress,
) -> None:
    from indl_vae.tuning.pbt.ray_experiment import run_experiment

    def ended(done: Mapping[str, Any]) -> None:
        _write_all(population, out)
        progress.ended(_line(population, done))

    def failed(member: int) -> None:
        said = population.state["members"][member]["said"]
        progress.say(f"member {member:03d} is lost ({said}); the others go on.")

    errors = run_experiment(population, plan.source, out, resources, ended, failed)
    if population.finished:
        return
    if not any(one["score"] is not None for one in population.state["members"]):
        raise TrainingDivergedError(errors or f"Every member of generation {population.generation} failed.")
    raise RunError(f"{out}: Ray ended before the population was finished ({errors}). The same command goes on with it.")


def _write_all(population: Population, out: Path) -> None:
    if not population.history:
        return
    keep_best(population, out)
    write_tables(population, out)
    draw_population(population, out / "population.png")


def _first_line(population: Population) -> str:
    settings, space = population.settings, population.settings.space
    return (
        f"{settings.size} members; generation {population.generation} of at most {settings.generations}; "
        f"{', '.join(space) or 'nothing'} may change; exploit {settings.exploit}, explore {settings.explore}."
    )


def _line(population: Population, done: Mapping[str, Any]) -> str:
    best = min(one["score"] for one in done["members"] if one["score"] is not None)
    bad = sum(one["score"] is None for one in done["members"])
    copies = 0 if population.finished else sum(one["copied"] is not None for one in population.state["members"])
    text = f"generation {done['generation']}, epoch {done['epoch']}: best score {best:.6g}, {copies} copied another"
    return text + (f", {bad} without a score" if bad else "")
