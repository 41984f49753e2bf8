"""Errors become one paragraph on stderr and the exit codes of the contract."""

from __future__ import annotations

import errno
import os
import signal
import threading
import warnings

import pytest
import typer

from indl_vae.cli.boundary import Terminated, reported_errors, terminable
from indl_vae.errors import ConfigError, DataError, RunError, TrainingDivergedError


def leaving(error: BaseException) -> int:
    with pytest.raises(typer.Exit) as left, reported_errors():
        raise error
    return left.value.exit_code


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigError("a: expected b,\n  got c."), 2, "Error: a: expected b, got c.\n"),
        (DataError("x.h5: empty"), 2, "Error: x.h5: empty\n"),
        (RunError("run: none"), 2, "Error: run: none\n"),
        (TrainingDivergedError("loss not finite"), 3, "Error: loss not finite\n"),
        (KeyboardInterrupt(), 130, "Error: interrupted by Ctrl-C.\n"),
        (Terminated(), 143, "Error: ended by SIGTERM.\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "run/best.keras"),
            2,
            "Error: run/best.keras: No space left on device. Check the path, its rights and the space left.\n",
        ),
        (
            OSError(errno.EFBIG, "File too large"),
            2,
            "Error: a file cannot be written (File too large). Make room; what was saved before is whole.\n",
        ),
    ],
)
def test_codes_and_messages(capsys, error, code, message):
    assert leaving(error) == code
    assert capsys.readouterr() == ("", message)


@pytest.mark.parametrize("error", [ZeroDivisionError("bug"), BrokenPipeError(errno.EPIPE, "pipe"), OSError("no file")])
def test_bugs_stay_bugs(error):
    with pytest.raises(type(error)), reported_errors():
        raise error


def test_sigterm_is_raised_once_and_the_handler_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), terminable():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # what is saved meanwhile is not cut short
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_leaves_the_handler_alone():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with terminable():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_warnings_are_one_line(capsys):
    with reported_errors():
        warnings.warn("x.h5: silent channels:\n 3", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "Warning: x.h5: silent channels: 3\n"
