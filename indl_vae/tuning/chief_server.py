"""The chief's door: keras-tuner's gRPC service, and heartbeats beside it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
from keras_tuner.src import protos
from keras_tuner.src.engine.trial import Trial

from indl_vae.errors import ConfigError, RunError
from indl_vae.tuning.chief import Chief

#: The method that workers send heartbeats to, and the key under which calls name the worker.
SERVICE, METHOD, WORKER = "indl_vae.Tuning", "Heartbeat", "worker"
_THREADS = 8


class _Servicer(protos.get_service_grpc().OracleServicer):  # type: ignore[misc]
    """Answers the calls of keras-tuner's service that our workers make."""

    def __init__(self, chief: Chief) -> None:
        self._chief = chief

    def CreateTrial(self, request: Any, context: Any) -> Any:
        trial = self._chief.create_trial(request.tuner_id)
        return protos.get_service().CreateTrialResponse(trial=trial.to_proto())

    def UpdateTrial(self, request: Any, context: Any) -> Any:
        self._chief.update_trial(_caller(context), request.trial_id, dict(request.metrics))
        return protos.get_service().UpdateTrialResponse()

    def EndTrial(self, request: Any, context: Any) -> Any:
        self._chief.end_trial(_caller(context), Trial.from_proto(request.trial))
        return protos.get_service().EndTrialResponse()


def _caller(context: Any) -> str:
    return dict(context.invocation_metadata()).get(WORKER, "")


@contextlib.contextmanager
def serving(chief: Chief, address: str) -> Iterator[str]:
    """Answers workers at an address while the context lasts; yields the address, with the port that a 0 stood for.

    Raises:
        RunError: The address cannot be had.
    """
    host, _ = split_address(address)
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=[("grpc.so_reuseport", 0)])
    protos.get_service_grpc().add_OracleServicer_to_server(_Servicer(chief), server)
    server.add_generic_rpc_handlers((_heartbeats(chief),))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise RunError(f"--address {address}: cannot be listened at: {error}. Choose another port.") from error
    if port == 0:
        raise RunError(f"--address {address}: cannot be listened at; is the port taken? Choose another one.")
    server.start()
    try:
        yield f"{host}:{port}"
    finally:
        server.stop(grace=1.0).wait()


def split_address(address: str) -> tuple[str, int]:
    """Returns host and port.

    Raises:
        ConfigError: The address is no HOST:PORT.
    """
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) < 65536):
        raise ConfigError(f"--address {address}: expected HOST:PORT, for example 10.0.0.1:8765.")
    return host, int(port)


def _heartbeats(chief: Chief) -> grpc.GenericRpcHandler:
    def beat(request: dict[str, Any], context: Any) -> dict[str, bool]:
        return {"goes_on": chief.beat(str(request["worker"]), request.get("trial"))}

    handler = grpc.unary_unary_rpc_method_handler(beat, request_deserializer=json.loads, response_serializer=as_json)
    return grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler})


def as_json(content: Any) -> bytes:
    """Returns JSON as it is sent."""
    return json.dumps(content).encode()
