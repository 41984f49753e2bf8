"""Several processes at once, until there is nothing left to do."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from indl_vae.tuning.job import Job
from indl_vae.tuning.locks import is_locked
from indl_vae.tuning.member import Member

#: Seconds between looks at the processes.
PAUSE_S = 0.1


def work(
    members: Sequence[Member],
    launch: Callable[[Member], Job],
    at_once: int,
    goes_on: Callable[[Member], bool],
    ended: Callable[[Member], None],
) -> None:
    """Works through members; when it is interrupted, its processes are ended too, with their state saved.

    A member that a process of an earlier scan still works on, which was killed and could not end it, takes a place
    until that process ends.

    Args:
        members: What there is to do, in order.
        launch: Starts the next process of a member.
        at_once: Processes at a time.
        goes_on: Whether a member whose process has ended needs another one at once.
        ended: Called for each member that needs none.
    """
    waiting, running = list(members), []
    left_behind = [member for member in waiting if is_locked(member.log)]
    try:
        while waiting or running:
            left_behind = [member for member in left_behind if is_locked(member.log)]
            free = max(0, at_once - len(running) - len(left_behind))
            for member in [one for one in waiting if one not in left_behind][:free]:
                waiting.remove(member)
                running.append(launch(member))
            time.sleep(PAUSE_S)
            for job in [one for one in running if one.ended()]:
                running.remove(job)
                if goes_on(job.member):
                    waiting.insert(0, job.member)
                else:
                    ended(job.member)
    finally:
        _stop(running)


def _stop(running: Sequence[Job]) -> None:
    """Ends processes, which save their state, and waits for them."""
    for job in running:
        job.terminate()
    for job in running:
        job.wait()


@contextlib.contextmanager
def leaving_on_signals() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP, where nobody handles them, leave the program with their exit code.

    A program that they end on the spot would leave its processes behind. The command handles SIGTERM itself.
    """
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for name in names if signal.getsignal(number := getattr(signal, name)) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # only the main thread may set handlers

    def leave(number: int, frame: Any) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)  # once: what is saved in response is not to be cut short
        raise SystemExit(128 + number)

    for number in numbers:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
