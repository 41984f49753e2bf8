"""Runs trials, each in a process of its own, and says what came out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indl_vae.errors import ConfigError
from indl_vae.params import Params
from indl_vae.tuning.job import Job
from indl_vae.tuning.locks import is_locked
from indl_vae.tuning.member import INTERRUPTED, code_in_words
from indl_vae.tuning.search_space import SearchSpace
from indl_vae.tuning.trial_member import TrialLauncher, TrialMember, finite
from indl_vae.tuning.work import PAUSE_S

#: What Hyperband tells of a trial: the epochs it has in all, and the trial whose run it goes on with.
EPOCHS, EARLIER = "tuner/epochs", "tuner/trial_id"
#: Times that a trial goes on whose process somebody else ended.
_GOES_ON = 2


class TrialFailedError(Exception):
    """A trial has no score; the message says why."""


class TrialDroppedError(Exception):
    """A trial is no longer this process's to run."""


class TrialRunner:
    """Runs trials of a search into its folder.

    Args:
        space: What is drawn.
        data: Path of the data.
        out: Folder of the search.
        command: How a process is started; arguments of `indl-vae` follow.
        at_once: Processes that share the cores.
    """

    def __init__(
        self,
        space: SearchSpace,
        data: str,
        out: Path,
        command: Sequence[str],
        at_once: int = 1,
    ) -> None:
        self.space, self.out = space, out
        self._launch = TrialLauncher(data, command, at_once)

    def run(self, number: str, drawn: Mapping[str, Any], mine: Callable[[], bool] = lambda: True) -> float:
        """Trains a trial, or goes on with it, and returns its score.

        When it is interrupted, the process is ended too, with its state saved.

        Args:
            number: Of the trial.
            drawn: Its hyperparameters, as keras-tuner has them.
            mine: Asked now and then; once it is False, the trial is ended, to be gone on with by another process.

        Raises:
            TrialFailedError: There is no score.
            TrialDroppedError: It is no longer this process's trial.
        """
        member = TrialMember(number, self.space.chosen(drawn), self._params(number, drawn), self.out)
        while is_locked(member.log):  # a process whose parent was killed still trains it
            self._pause(mine)
        if drawn.get(EARLIER):
            member.continues(TrialMember(str(drawn[EARLIER]), {}, None, self.out))
        for _ in range(_GOES_ON + 1):
            if not member.is_finished():
                self._wait(self._launch(member), mine)
            if member.outcome().get("exit_code") not in INTERRUPTED:
                break
        return self._score(member)

    def _params(self, number: str, drawn: Mapping[str, Any]) -> Params:
        epochs = drawn.get(EPOCHS)
        try:
            params = self.space.params(drawn)
            return params if epochs is None else params.replace(n_epochs=int(epochs))
        except ConfigError as error:
            TrialMember(number, {}, None, self.out).note(said=str(error))
            raise TrialFailedError(str(error)) from error

    def _wait(self, job: Job, mine: Callable[[], bool]) -> None:
        try:
            while not job.ended():
                self._pause(mine)
        except BaseException:
            job.terminate()
            job.wait()
            raise

    def _pause(self, mine: Callable[[], bool]) -> None:
        if not mine():
            raise TrialDroppedError
        time.sleep(PAUSE_S)

    def _score(self, member: TrialMember) -> float:
        if not member.is_finished():
            code = code_in_words(member.outcome().get("exit_code", 0))
            raise TrialFailedError(f"exit code {code}: {member.last_words()}")
        score = member.score()
        if score is None or not finite(score):
            said = "no score: the ramps of the loss did not end within its epochs"
            member.note(said=said)
            raise TrialFailedError(said)
        return score[0]
