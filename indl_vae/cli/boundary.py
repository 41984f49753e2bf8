"""Where errors become messages and exit codes: once, around every command."""

from __future__ import annotations

import contextlib
import errno
import signal
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from indl_vae.errors import IndlVaeError, TrainingDivergedError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BAD_INPUT, DIVERGED, INTERRUPTED, TERMINATED = 2, 3, 130, 143


class Terminated(BaseException):
    """SIGTERM has come; like `KeyboardInterrupt`, no error that code on the way should handle."""


class Commands(TyperGroup):
    """The group of all commands, each of which reports its errors in one way."""

    def invoke(self, ctx: Any) -> Any:
        """Runs a command."""
        with reported_errors():
            return super().invoke(ctx)


@contextlib.contextmanager
def reported_errors() -> Iterator[None]:
    """Turns what a user can cause into a short message on stderr and an exit code; the rest is a bug and stays one."""
    try:
        with terminable(), plain_warnings():
            yield
    except TrainingDivergedError as error:
        raise _leave(str(error), DIVERGED) from error
    except IndlVaeError as error:
        raise _leave(str(error), BAD_INPUT) from error
    except KeyboardInterrupt as error:
        raise _leave("interrupted by Ctrl-C.", INTERRUPTED) from error
    except Terminated as error:
        raise _leave("ended by SIGTERM.", TERMINATED) from error
    except OSError as error:
        if error.errno in _FULL and error.filename is None:  # h5py and zipfile do not say which file it was
            message = f"a file cannot be written ({error.strerror}). Make room; what was saved before is whole."
            raise _leave(message, BAD_INPUT) from error
        if error.errno == errno.EPIPE or error.filename is None:
            raise
        message = f"{error.filename}: {error.strerror}. Check the path, its rights and the space left."
        raise _leave(message, BAD_INPUT) from error


def _leave(message: str, code: int) -> typer.Exit:
    typer.echo(f"Error: {' '.join(message.split())}", err=True)
    return typer.Exit(code)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Turns SIGTERM into `Terminated`, once: what is saved in response is not to be cut short by a second one."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return

    def handle(number: int, frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def plain_warnings() -> Iterator[None]:
    """Shows warnings as one line, without the place in the code, which says nothing to who types commands."""

    def show(message: Warning | str, *args: Any, **kwargs: Any) -> None:
        typer.echo(f"Warning: {' '.join(str(message).split())}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
