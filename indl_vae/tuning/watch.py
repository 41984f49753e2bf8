"""Waits for the end of a search over the network, and does not wait for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

from indl_vae.errors import RunError
from indl_vae.tuning.chief import Chief
from indl_vae.tuning.local_workers import LocalWorkers

_PAUSE_S = 0.2
#: Seconds that workers have to start, at least, and those to hear that there is nothing left.
_START_S, _FAREWELL_S = 120.0, 10.0


def watch(chief: Chief, local: LocalWorkers, say: Callable[[str], None]) -> None:
    """Returns when all trials have ended and the workers know.

    Args:
        chief: Of the search.
        local: Workers of this machine.
        say: Called with a line for each worker that dies.

    Raises:
        RunError: No worker is alive; what has ended is kept.
        Exception: The oracle's, if it failed.
    """
    known = 0
    while not chief.is_over():
        if chief.fault is not None:
            raise chief.fault
        chief.look()
        for worker in chief.lost_workers[known:]:
            say(f"{worker}: not heard of for {chief.timeout:g} s; its trial goes to another worker")
        known = len(chief.lost_workers)
        if local.have_ended() or chief.is_alone(max(chief.timeout, _START_S)):
            if chief.is_over():
                break
            raise RunError(
                f"no worker of the search is alive ({local.last_words() or 'none was heard of'}); what has ended is "
                "kept. Start the search again to go on, with workers."
            )
        time.sleep(_PAUSE_S)
    _farewell(chief)
    local.wait()


def _farewell(chief: Chief) -> None:
    """Answers workers until they know that there is nothing left; those that died do not ask."""
    deadline = time.monotonic() + min(chief.timeout, _FAREWELL_S)
    while chief.n_workers() and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
