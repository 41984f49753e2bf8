"""How a worker talks to the chief."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import grpc
from keras_tuner.src import protos
from keras_tuner.src.engine.trial import Trial

from indl_vae.errors import RunError
from indl_vae.tuning.chief_server import METHOD, SERVICE, WORKER, as_json

#: Heartbeats within the time after which a worker is dead, and the seconds between them at most.
_BEATS, _LONGEST_S = 4, 10.0


class ChiefClient:
    """Asks the chief for trials in place of an oracle, and sends it heartbeats while the context lasts.

    Args:
        address: Of the chief.
        worker: Name of this worker.
        timeout: Seconds after which a worker that is not heard of is dead, and a chief that does not answer too.
    """

    def __init__(self, address: str, worker: str, timeout: float) -> None:
        self.address, self.worker, self.timeout = address, worker, timeout
        self._channel = grpc.insecure_channel(address)
        self._stub = protos.get_service_grpc().OracleStub(self._channel)
        self._beat = self._channel.unary_unary(
            f"/{SERVICE}/{METHOD}", request_serializer=as_json, response_deserializer=json.loads
        )
        self._trial: str | None = None
        self._dropped: set[str] = set()
        self._answered, self._ends = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._send_beats, daemon=True)

    def __enter__(self) -> ChiefClient:
        self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._ends.set()
        self._thread.join()
        self._channel.close()

    def mine(self, number: str) -> bool:
        """Returns whether a trial is still this worker's.

        Raises:
            RunError: The chief has not answered for too long.
        """
        if time.monotonic() - self._answered > self.timeout:
            raise self._silence()
        return number not in self._dropped

    def create_trial(self, tuner_id: str) -> Any:
        """Returns the next trial."""
        request = protos.get_service().CreateTrialRequest(tuner_id=self.worker)
        trial = Trial.from_proto(self._call(self._stub.CreateTrial, request).trial)
        if trial.status == "RUNNING":
            self._dropped.discard(trial.trial_id)
            self._trial = trial.trial_id
        return trial

    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> None:
        """Tells the score of a trial."""
        request = protos.get_service().UpdateTrialRequest(trial_id=trial_id, metrics=metrics, step=step)
        self._call(self._stub.UpdateTrial, request)

    def end_trial(self, trial: Any) -> None:
        """Tells that a trial has ended."""
        self._call(self._stub.EndTrial, protos.get_service().EndTrialRequest(trial=trial.to_proto()))
        self._trial = None

    def _call(self, method: Any, request: Any) -> Any:
        try:
            answer = method(request, wait_for_ready=True, timeout=self.timeout, metadata=((WORKER, self.worker),))
        except grpc.RpcError as error:
            raise self._silence() from error
        self._answered = time.monotonic()
        return answer

    def _send_beats(self) -> None:
        pause = min(self.timeout / _BEATS, _LONGEST_S)
        while not self._ends.wait(pause):
            number = self._trial
            try:
                answer = self._beat({"worker": self.worker, "trial": number}, timeout=pause)
            except grpc.RpcError:
                continue  # `mine` says when it has been too long
            self._answered = time.monotonic()
            if not answer["goes_on"] and number is not None:
                self._dropped.add(number)

    def _silence(self) -> RunError:
        return RunError(
            f"{self.address}: the chief of the search has not answered for {self.timeout:g} s; the trial in progress "
            "is saved. Start the chief again, and then the worker."
        )
