"""A keras-tuner tuner whose trials are runs of `indl-vae train`, each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner

from indl_vae.tuning.hyper_model import VAEHyperModel
from indl_vae.tuning.selection import SCORE
from indl_vae.tuning.trial_runner import TrialDroppedError, TrialFailedError, TrialRunner

#: Folder of the oracle's state, in that of the search.
STATE = "oracle"
#: Seconds between two questions to an oracle that waits for other trials.
_IDLE_S = 0.5
#: What the oracle says of trials that have ended.
ENDED = ("COMPLETED", "FAILED")


class RunTuner(keras_tuner.Tuner):
    """Runs trials in processes of their own: the memory of compiled programs is never given back within a process.

    A search that was interrupted goes on where it was when it is started again on the same folder, trials in progress
    too. A trial that fails or diverges counts as failed, and the search goes on.

    Args:
        oracle: Of `make_oracle`, prepared.
        hypermodel: The models.
        runner: Runs the trials.
        out: Folder of the search.
        name: Of this tuner among others that ask the same oracle.
        mine: Asked with the number of a trial whether it is still to be run here.
        ended: Called with the number of each trial that has ended.
        asks: Who is asked for trials in place of the oracle, as the chief of a search over the network.
    """

    def __init__(
        self,
        oracle: Any,
        hypermodel: VAEHyperModel,
        runner: TrialRunner,
        out: Path,
        name: str = "tuner0",
        mine: Callable[[str], bool] = lambda number: True,
        ended: Callable[[str], None] = lambda number: None,
        asks: Any = None,
    ) -> None:
        self._runner, self._mine, self._ended = runner, mine, ended
        super().__init__(oracle, hypermodel, directory=str(out), project_name=STATE, tuner_id=name)
        self.oracle = oracle if asks is None else asks

    def _populate_initial_space(self) -> None:
        """Leaves the oracle as it is: `prepare` gave it the space, without building models to see what they ask for."""

    def search(self, *fit_args: Any, **fit_kwargs: Any) -> None:
        """Runs trials until the oracle has no more; takes no arguments."""
        while True:
            trial = self.oracle.create_trial(self.tuner_id)
            if trial.status == "STOPPED":
                return
            if trial.status == "IDLE":
                time.sleep(_IDLE_S)
                continue
            self._run(trial)

    def _run(self, trial: Any) -> None:
        try:
            self.oracle.update_trial(trial.trial_id, self.run_trial(trial))
            trial.status = "COMPLETED"
        except TrialFailedError as error:
            trial.status, trial.message = "FAILED", str(error)
        except TrialDroppedError:
            return
        self.on_trial_end(trial)

    def run_trial(self, trial: Any, *fit_args: Any, **fit_kwargs: Any) -> dict[str, float]:
        """Trains a trial and returns its score.

        Raises:
            TrialFailedError: There is none.
        """
        number = trial.trial_id
        return {SCORE: self._runner.run(number, trial.hyperparameters.values, lambda: self._mine(number))}

    def on_trial_end(self, trial: Any) -> None:
        self.oracle.end_trial(trial)
        self._ended(trial.trial_id)


def prepare(oracle: Any, hypermodel: VAEHyperModel) -> None:
    """Gives an oracle, whose folder is known, the state that it had when it was interrupted, or the space."""
    if Path(oracle._get_oracle_fname()).exists():
        oracle.reload()
        oracle._retry_queue = [number for number in oracle._retry_queue if oracle.trials[number].status == "RUNNING"]
        return
    space = oracle.get_space()
    hypermodel.declare_hyperparameters(space)
    oracle.update_space(space)
