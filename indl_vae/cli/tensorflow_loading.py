"""Loads TensorFlow when a command needs it, and says so, since it takes some seconds."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator

import typer

from indl_vae.cli.compilation_cache import use_compilation_cache
from indl_vae.cli.devices import chosen_device, use_device

#: What TensorFlow tells every machine without a GPU, whatever its log level: chatter below errors, and CUDA that is not
#: there.
_CHATTER = re.compile(
    r"^(?:[IW]\d{4} |WARNING: All log messages before absl|To enable the following instructions)"
    r"|cuInit|[Cc]ould not find cuda|Unable to register cu(?:FFT|DNN|BLAS)"
)


def load_tensorflow() -> None:
    """Imports TensorFlow and Keras and finds the devices, with one line on stderr instead of their chatter.

    With `TF_CPP_MIN_LOG_LEVEL` set, everything is shown that TensorFlow says at that level. Programs that XLA compiles
    are kept for the next start. Computes on the device that the command line names.

    Raises:
        ConfigError: There is no such device.
    """
    device = chosen_device()
    if "tensorflow" in sys.modules:
        use_device(device)
        return
    typer.echo("Loading TensorFlow ...", err=True)
    use_compilation_cache()
    asked_for = "TF_CPP_MIN_LOG_LEVEL" in os.environ
    # Errors that matter are raised. What is only logged as one are long lines on each program that XLA reads from its
    # cache: it takes two of its own settings for features of a processor.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with contextlib.nullcontext() if asked_for else without_chatter():
        import keras  # noqa: F401
        import tensorflow as tf

        use_device(device)
        tf.config.list_logical_devices()
    if not asked_for:
        logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Holds back what the process writes to stderr (also from C++), and passes on the lines that matter at the end."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines():
                if line and not _CHATTER.search(line):
                    typer.echo(line, err=True)
