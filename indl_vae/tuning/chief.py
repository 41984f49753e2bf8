"""The chief of a search over the network: owns the oracle and gives trials of workers that died to others."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

#: Times that a trial is given to another worker after its own was lost.
RETRIES = 3


class Chief:
    """Hands out the trials of an oracle to workers.

    Workers send heartbeats. One that is not heard of for `timeout` seconds is dead, and its trial goes back into the
    queue, a few times at most. A report of a trial that is no longer the worker's is ignored. After a restart of the
    chief a worker keeps the trial that it is at.

    Args:
        oracle: Of `make_oracle`, prepared.
        timeout: Seconds.
        ended: Called with the number of each trial that has ended.
        clock: Seconds since some time.
    """

    def __init__(
        self,
        oracle: Any,
        timeout: float,
        ended: Callable[[str], None] = lambda number: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.oracle, self.timeout = oracle, timeout
        self._ended, self._clock = ended, clock
        self._lock = threading.RLock()
        self._heard: dict[str, float] = {}
        self._lost: Counter[str] = Counter()
        self._stopped, self._began, self._last = False, clock(), -math.inf
        self.lost_workers: list[str] = []
        self.fault: Exception | None = None

    def create_trial(self, worker: str) -> Any:
        """Returns a trial for a worker; an idle one while others may still be lost, or have to end first."""
        with self._lock, self._faults():
            self._hear(worker)
            trial = self.oracle.create_trial(worker)
            if trial.status == "STOPPED" and self._waits():
                trial.status = "IDLE"
            elif trial.status == "STOPPED":
                self._stopped = True
                self._heard.pop(worker, None)  # it will not be heard of any more
            return trial

    def update_trial(self, worker: str, number: str, metrics: dict[str, float]) -> None:
        """Takes the score of a trial, if it is the worker's."""
        with self._lock, self._faults():
            self._hear(worker)
            if self._owns(worker, number):
                self.oracle.update_trial(number, metrics)

    def end_trial(self, worker: str, trial: Any) -> bool:
        """Ends a trial, if it is the worker's.

        Returns:
            False where the report is ignored.
        """
        with self._lock, self._faults():
            self._hear(worker)
            if not self._owns(worker, trial.trial_id):
                return False
            trial.hyperparameters = self.oracle.trials[trial.trial_id].hyperparameters
            self.oracle.end_trial(trial)
            self._ended(trial.trial_id)
            return True

    def beat(self, worker: str, number: str | None) -> bool:
        """Hears of a worker.

        Args:
            worker: Its name.
            number: Of the trial that it is at, if it is.

        Returns:
            Whether it is to go on with it.
        """
        with self._lock:
            self._hear(worker)
            if number is None or self._owns(worker, number):
                return True
            return self._adopt(worker, number)

    def look(self) -> None:
        """Puts the trials of workers that are dead back into the queue; to be called now and then."""
        with self._lock:
            now = self._clock()
            for worker, heard in list(self._heard.items()):
                if now - heard > self.timeout:
                    self._heard.pop(worker)
                    self.lost_workers.append(worker)
                    self._take_back(worker)

    def is_over(self) -> bool:
        """Returns whether all trials have ended."""
        with self._lock:
            return (self._stopped and not self._waits()) or self.oracle.is_over()

    def is_alone(self, patience: float) -> bool:
        """Returns whether no worker was heard of for the timeout; at first they have so many seconds to come."""
        with self._lock:
            return not self._heard and self._clock() > max(self._last + self.timeout, self._began + patience)

    def n_workers(self) -> int:
        """Returns the number of workers that are alive."""
        with self._lock:
            return len(self._heard)

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Keeps an error of the oracle for the chief itself: keras-tuner never gives its lock back after one."""
        try:
            yield
        except Exception as error:
            self.fault = error
            raise

    def _hear(self, worker: str) -> None:
        self._heard[worker] = self._last = self._clock()

    def _waits(self) -> bool:
        return bool(self.oracle.ongoing_trials or self.oracle._retry_queue)

    def _owns(self, worker: str, number: str) -> bool:
        trial = self.oracle.ongoing_trials.get(worker)
        return trial is not None and trial.trial_id == number

    def _adopt(self, worker: str, number: str) -> bool:
        """Leaves a trial that waits for a worker to the one that is at it already."""
        if number not in self.oracle._retry_queue or worker in self.oracle.ongoing_trials:
            return False
        self.oracle._retry_queue.remove(number)
        trial = self.oracle.trials[number]
        trial.status = "RUNNING"
        self.oracle.ongoing_trials[worker] = trial
        self.oracle.save()
        return True

    def _take_back(self, worker: str) -> None:
        trial = self.oracle.ongoing_trials.get(worker)
        if trial is None:
            return
        self._lost[trial.trial_id] += 1
        if self._lost[trial.trial_id] > RETRIES:
            trial.status, trial.message = "FAILED", f"{self._lost[trial.trial_id]} workers were lost with it"
            self.oracle.end_trial(trial)
            self._ended(trial.trial_id)
            return
        self.oracle.ongoing_trials.pop(worker)
        self.oracle._retry_queue.append(trial.trial_id)
        self.oracle.save()
