"""A worker of a search over the network."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from indl_vae.errors import RunError
from indl_vae.tuning.chief_client import ChiefClient
from indl_vae.tuning.chief_server import split_address
from indl_vae.tuning.job import COMMAND
from indl_vae.tuning.run_tuner import RunTuner
from indl_vae.tuning.search_plan import FILE, read_plan
from indl_vae.tuning.searching import Search
from indl_vae.tuning.work import leaving_on_signals


def work_for(
    address: str,
    data: str | Path,
    out: str | Path,
    at_once: int = 1,
    timeout: float = 60.0,
    *,
    command: Sequence[str] = COMMAND,
) -> None:
    """Runs trials that a chief hands out, until there are none.

    Args:
        address: HOST:PORT of the chief.
        data: The data, the same as the chief's.
        out: Folder of the search, which chief and workers share; what is searched stands there.
        at_once: Workers that share the cores of this machine.
        timeout: Seconds after which a worker that is not heard of is dead, and a chief that does not answer too.
        command: How the process of a trial is started; arguments of `indl-vae` follow.

    Raises:
        ConfigError: The address is none.
        DataError: The data cannot be used.
        RunError: The data are others than the chief's, or the chief does not answer.
    """
    split_address(address)
    out, source = Path(out), str(Path(data).absolute())
    _wait_for(out / FILE, timeout)
    plan = read_plan(out)
    search = Search(plan, source, out)
    if search.plan.data["sha256"] != plan.data["sha256"]:
        raise RunError(f"{source}: not the data of the search in {out}. Give the worker the same file.")
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    with leaving_on_signals(), ChiefClient(address, name, timeout) as chief:
        oracle = search.oracle()  # of which keras-tuner's tuner is made; it is asked nothing
        tuner = RunTuner(oracle, search.hypermodel, search.runner(command, at_once), out, name, chief.mine, asks=chief)
        tuner.search()


def _wait_for(path: Path, timeout: float) -> None:
    """Waits for what the chief writes first; `read_plan` says what is wrong if it does not come."""
    deadline = time.monotonic() + timeout
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
