"""Searches of parameters with keras-tuner, on one machine or over the network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from indl_vae.data import load_for
from indl_vae.errors import ConfigError, RunError
from indl_vae.params import Params
from indl_vae.params.aliases import field_of
from indl_vae.tuning.chief import Chief
from indl_vae.tuning.chief_server import serving
from indl_vae.tuning.combinations import Shared, shared_settings
from indl_vae.tuning.hyper_model import VAEHyperModel
from indl_vae.tuning.job import COMMAND
from indl_vae.tuning.local_workers import LocalWorkers
from indl_vae.tuning.oracles import TUNERS, make_oracle
from indl_vae.tuning.run_tuner import ENDED, STATE, RunTuner, prepare
from indl_vae.tuning.scan_progress import ScanProgress
from indl_vae.tuning.search_log import SearchLog
from indl_vae.tuning.search_plan import SearchPlan, claimed, plain_space
from indl_vae.tuning.search_table import SearchTable, best_row
from indl_vae.tuning.selection import check_ramps
from indl_vae.tuning.trial_runner import TrialRunner
from indl_vae.tuning.watch import watch
from indl_vae.tuning.work import leaving_on_signals

#: Trials of a search that does not say how many.
TRIALS = 20
LOOPBACK = "127.0.0.1:0"


def tune(
    family: str | None,
    data: str | Path,
    out: str | Path,
    space: Mapping[str, Any] | None = None,
    tuner: str = "bayesian",
    trials: int | None = None,
    epochs: int | None = None,
    seed: int = 0,
    workers: int = 1,
    config: str | Path | None = None,
    preset: str | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    address: str | None = None,
    worker_timeout: float = 60.0,
    report: Callable[[str], None] | None = None,
    command: Sequence[str] = COMMAND,
    worker_command: Sequence[str] = COMMAND,
) -> list[dict[str, Any]]:
    """Searches parameters; every trial is a run of its own, `out/trials/<number>/run`, in a process of its own.

    Trials are compared by the smoothed score of entries that the encoders did not see, after the ramps. A trial that
    fails or diverges counts as failed, and the search goes on. Started again, an interrupted search goes on where it
    was; the number of trials may change. Ctrl-C, SIGTERM and SIGHUP end the processes of the trials too, which save
    their state.

    Args:
        family: Model family; None for that of the configuration file, or lfads.
        data: Data file.
        out: Folder of the search: search.yaml (what was asked for), tuning.csv (a row for each trial), tuning.png,
            best.yaml (parameters of the best trial). Beside each run folder lie run.log, run.yaml and run.json.
        space: Field or alias -> a list of values, {low, high, scale}, or None for the range that the field declares;
            only these are searched then. None for all fields that declare one.
        tuner: "random", "bayesian" or "hyperband".
        trials: Number of trials; None for 20, and for a whole sweep of Hyperband.
        epochs: Epochs of a trial, with Hyperband of the longest ones; None for those of its parameters.
        seed: Of what is drawn.
        workers: Trials at once on this machine, which share its cores. More than one are processes that ask this one
            for trials.
        config: YAML file of parameters to start from, which are searched all the same.
        preset: Set of values to start from, under the file.
        settings: Parameters that are the same in all trials; they win over both, and are not searched.
        address: HOST:PORT at which workers of other machines are waited for, in place of `workers`.
        worker_timeout: Seconds after which a worker that is not heard of is dead.
        report: Called with the lines of progress, which are otherwise printed on stderr.
        command: How the process of a trial is started; arguments of `indl-vae` follow.
        worker_command: How that of a worker is started.

    Returns:
        The rows of tuning.csv.

    Raises:
        ConfigError: The search is not accepted.
        DataError: The data cannot be used.
        RunError: The folder holds something else; all trials failed; or no worker is alive.
    """
    if workers < 1 or (trials is not None and trials < 1) or (epochs is not None and epochs < 1):
        raise ConfigError(f"workers, trials, epochs: expected at least 1 of each, got {workers}, {trials}, {epochs}.")
    if tuner not in TUNERS:
        raise ConfigError(f"tuner: expected one of {', '.join(TUNERS)}, got {tuner!r}.")
    out, source = Path(out), str(Path(data).absolute())
    shared = shared_settings(family, config, preset, settings)
    trials = TRIALS if trials is None and tuner != "hyperband" else trials
    plan = SearchPlan(
        shared.family, preset, shared.written, shared.fixed, plain_space(space), tuner, trials, epochs, seed
    )
    search = Search(plan, source, out)
    with claimed(out, search.plan), leaving_on_signals():
        if workers == 1 and address is None:
            return search.alone(command, report)
        local = LocalWorkers(worker_command, source, out, workers if address is None else 0, worker_timeout)
        return search.as_chief(address or LOOPBACK, local, worker_timeout, report)


class Search:
    """A search whose plan is made, with the data loaded.

    Args:
        plan: What is asked for.
        source: Path of the data.
        out: Folder of the search.

    Raises:
        ConfigError: The search is not accepted.
        DataError: The data cannot be used.
    """

    def __init__(self, plan: SearchPlan, source: str, out: Path) -> None:
        self.source, self.out = source, out
        base = Shared(plan.family, plan.preset, plan.config, plan.settings).params({})
        _check_length(base, plan)
        dataset = load_for(base, source)
        self.plan = replace(plan, data={"source": source, "sha256": dataset.sha256})
        given = dict(plan.settings)
        if plan.epochs is not None:
            given = _without(base, given, "n_epochs", "n_steps") | {"n_epochs": plan.epochs}
            given |= {"n_steps": None} if "n_steps" in base else {}
        given |= {"preset": plan.preset} if plan.preset else {}
        self.hypermodel = VAEHyperModel(plan.family, dataset, plan.config, plan.space, **given)
        self.space = self.hypermodel.space
        self._least = check_ramps(self.space.base, dataset.train.n_trials)

    def oracle(self) -> Any:
        """Returns a new oracle; it has a folder, but no space yet."""
        plan = self.plan
        oracle = make_oracle(plan.tuner, plan.trials, self.space.base.n_epochs, plan.seed, self._least)
        oracle._set_project_dir(str(self.out), STATE)
        return oracle

    def runner(self, command: Sequence[str], at_once: int) -> TrialRunner:
        """Returns what runs the trials."""
        return TrialRunner(self.space, self.source, self.out, command, at_once)

    def alone(self, command: Sequence[str], report: Callable[[str], None] | None) -> list[dict[str, Any]]:
        """Runs all trials, one after the other, and returns the rows of the table."""
        oracle = self.oracle()
        prepare(oracle, self.hypermodel)
        with self._logged(oracle, report) as log:
            runner = self.runner(command, 1)
            RunTuner(oracle, self.hypermodel, runner, self.out, ended=log.ended).search()
        return self._checked(log.rows)

    def as_chief(
        self, address: str, local: LocalWorkers, timeout: float, report: Callable[[str], None] | None
    ) -> list[dict[str, Any]]:
        """Lets workers run all trials and returns the rows of the table.

        Raises:
            RunError: All trials failed, or no worker is alive.
        """
        oracle = self.oracle()
        prepare(oracle, self.hypermodel)
        with self._logged(oracle, report) as log:
            chief = Chief(oracle, timeout, log.ended)
            with serving(chief, address) as bound, local.working(bound):
                log.say(f"workers are waited for at {bound}")
                watch(chief, local, log.say)
        return self._checked(log.rows)

    @contextlib.contextmanager
    def _logged(self, oracle: Any, report: Callable[[str], None] | None) -> Iterator[SearchLog]:
        """Shows how far the search is, and leaves its tables whatever ends it."""
        table = SearchTable(self.out, oracle, self.space)
        n_done = sum(trial.status in ENDED for trial in oracle.trials.values())
        n_all = oracle.max_trials or oracle.n_trials()
        with ScanProgress(max(n_all, n_done), n_done, report, things="trials") as progress:
            log = SearchLog(table, progress)
            log.say(f"{n_done} of {n_all} trials have ended.")
            try:
                yield log
            finally:
                log.rows = table.write()
                table.draw(log.rows)

    def _checked(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if best_row(rows) is None:
            last = rows[-1] if rows else {"said": "none was drawn", "folder": str(self.out)}
            raise RunError(
                f"{self.out}: all {len(rows)} trials failed; the last one: {last['said']} ({last['folder']}). Train "
                "its run.yaml by itself, mend what fails, and search in another folder."
            )
        return rows


def _check_length(base: Params, plan: SearchPlan) -> None:
    """Raises ConfigError where Hyperband could not say how long a trial is."""
    if plan.tuner != "hyperband":
        return
    if base.stages:
        raise ConfigError("stages: expected none with hyperband, which makes trials longer. Choose another --tuner.")
    if base.get("n_steps") and plan.epochs is None:
        raise ConfigError("n_steps: hyperband counts epochs. Give the epochs of the longest trials (--epochs).")


def _without(params: Params, settings: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """Returns settings without those of some fields, under whatever name."""
    return {key: value for key, value in settings.items() if field_of(type(params), key) not in fields}
