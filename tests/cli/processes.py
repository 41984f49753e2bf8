"""The command in a process of its own, as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys

MAIN = "from indl_vae.cli import main; main()"


def start(*arguments: object, code: str = MAIN, stdin: int | None = None) -> subprocess.Popen[str]:
    """Starts Python on `code` with arguments; TensorFlow says what it says to a user, who sets no log level."""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
