"""Ray, started or joined, with the defaults changed that bite."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
import socket
import threading
from collections.abc import Iterator

from indl_vae.cores import usable_cores
from indl_vae.errors import ConfigError, RunError

#: Ray's defaults that bite, in a cluster that is started here: its memory monitor counts what other programs on the
#: machine hold, and ends its own workers for it; workers give way to any other program; usage reports leave it.
_ENVIRONMENT = {
    "RAY_memory_monitor_refresh_ms": "0",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is ours: what is done is on the disk
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
}
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


@contextlib.contextmanager
def ray_cluster(address: str | None, cpus_per_member: float) -> Iterator[None]:
    """Joins a cluster, or starts one on this machine and ends it; leaves it in any case.

    Args:
        address: Of the cluster ("auto": the one of this machine); None for an own one.
        cpus_per_member: Threads of TensorFlow in each member.

    Raises:
        ConfigError: Ray is not installed.
        RunError: There is no cluster at the address.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    ray = _imported()
    threads = dict.fromkeys(_THREADS, str(max(1, math.floor(cpus_per_member))))
    shared = {"runtime_env": {"env_vars": threads}, "log_to_driver": False, "logging_level": logging.ERROR}
    try:
        _knock(address)
        with _own_signals():
            if address is None:
                ray.init(address="local", num_cpus=usable_cores(), include_dashboard=False, **shared)
            else:
                ray.init(address=address, **shared)
    except (OSError, RuntimeError, ValueError) as error:
        raise RunError(
            f"--address {address}: no Ray cluster can be joined or started ({error}). Start one by `ray start --head`, "
            "or leave --address out; between machines, all need the head's token (docs/scaling.md)."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str | None) -> None:
    """Raises OSError or ValueError at once where nobody answers at HOST:PORT; Ray itself tries for minutes."""
    if address is None or ":" not in address or "://" in address:
        return
    host, port = address.rsplit(":", 1)
    socket.create_connection((host, int(port)), timeout=10.0).close()


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Puts the handlers of signals back that Ray replaces, below Python, by one that aborts the process."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)


def check_room(cpus: float, gpus: float) -> None:
    """Raises ConfigError if no machine of the cluster has the cores and GPUs that a member asks for."""
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(node.get("CPU", 0) >= cpus and node.get("GPU", 0) >= gpus for node in nodes):
        have = "; ".join(f"{node.get('CPU', 0):g} cores, {node.get('GPU', 0):g} GPUs" for node in nodes)
        raise ConfigError(
            f"cpus_per_member, gpus_per_member: expected what a machine of the cluster has ({have}), got {cpus:g} and "
            f"{gpus:g}. Ask for less."
        )


def _imported():
    try:
        import ray
        import ray.tune
    except ImportError as error:
        raise ConfigError(
            f'Population-based training needs Ray Tune ({error}). Install it: pip install "indl_vae[ray]"'
        ) from error
    return ray
