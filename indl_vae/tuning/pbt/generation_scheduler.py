"""Ray Tune's scheduler for a population: all members train a generation, then some copy others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.stopper import Stopper

from indl_vae.tuning.pbt.population import Population

#: How often the process of a member may end in one generation before the member is lost.
FAILURES = 3


class GenerationScheduler(FIFOScheduler):
    """Gives workers the members of a generation, in turn, and begins the next one when all have reported.

    A worker that ends gives its member back. A member in whose training workers end again and again is lost, and the
    others go on.

    Args:
        population: The state of the population.
        ended: Called with each generation that has ended, as `Population.history` holds it.
        failed: Called with the number of each member that is lost.
    """

    def __init__(
        self, population: Population, ended: Callable[[dict[str, Any]], None], failed: Callable[[int], None]
    ) -> None:
        super().__init__()
        self._population, self._ended, self._failed = population, ended, failed
        self._idle: set[int] = set()
        self._failed_starts = 0
        self._failures: Counter[tuple[int, int]] = Counter()

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        """Takes the report of a worker and gives it its next member."""
        worker, self._failed_starts = int(result["worker"]), 0
        if result["member"] >= 0:
            self._population.release(worker)
            self._population.report(int(result["member"]), int(result["generation"]), float(result["score"]))
        self._idle.add(worker)
        self._go_on()
        return TrialScheduler.STOP if self._population.finished else TrialScheduler.CONTINUE

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        """Takes the member of a worker that ended, which Ray starts anew."""
        worker = int(trial.config["worker"])
        self._idle.discard(worker)
        member = self._population.release(worker)
        if member is None:
            self._failed_starts += 1
            # As where a machine lacks the data: without a limit, Ray would try for ever.
            self._population.is_stuck = self._failed_starts >= FAILURES * max(2, self._population.settings.size)
        else:
            generation = self._population.generation
            self._failures[member, generation] += 1
            if self._failures[member, generation] >= FAILURES:
                said = last_line(trial.error_file) if trial.error_file else "its process ended"
                self._population.report(member, generation, None, lost=True, said=said)
                self._failed(member)
        self._go_on()

    def debug_string(self) -> str:
        """Returns where the population is."""
        return f"generation {self._population.generation}, members to train: {self._population.waiting()}"

    def _go_on(self) -> None:
        """Ends a generation that is done, hands out members, and writes the state for the workers."""
        population = self._population
        done = None if population.waiting() or population.finished else population.advance()
        self._idle -= {worker for worker in sorted(self._idle) if population.assign(worker) is not None}
        population.write()
        if done is not None:
            self._ended(done)


class EndOfPopulation(Stopper):
    """Ends the experiment with the population, or where no worker comes as far as to its first report."""

    def __init__(self, population: Population) -> None:
        self._population = population  # Ray pickles this: no scheduler, whose callbacks hold a terminal

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Returns whether a worker is needed no more."""
        return bool(self._population.finished)

    def stop_all(self) -> bool:
        """Returns whether none is."""
        return bool(self._population.finished) or self._population.is_stuck


def last_line(path: str) -> str:
    """Returns the last line of a file that says something."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else ""
