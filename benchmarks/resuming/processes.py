"""`indl-vae` in a process of its own: fresh, or a copy of one that has imported the libraries and done nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence

#: A point of `killed_train.POINTS`, and the epoch.
Kill = tuple[str, int]


def fresh_process(words: Sequence[str], kill: Kill | None) -> tuple[int, str]:
    """Returns the exit code of `indl-vae WORDS`, minus the signal that ended it, and what it said."""
    main = ["-c", "from indl_vae.cli import main; main()"]
    if kill is not None:
        main = ["-m", "benchmarks.resuming.killed_train", kill[0], str(kill[1])]
    done = subprocess.run([sys.executable, *main, *words], capture_output=True, text=True, timeout=900)
    return done.returncode, done.stderr


def preload() -> None:
    """Imports what a run needs, so that its copies need not; TensorFlow has no device and no thread of its own then."""
    from indl_vae.cli.compilation_cache import use_compilation_cache

    use_compilation_cache()
    import keras  # noqa: F401
    import tensorflow  # noqa: F401

    import indl_vae.cli
    import indl_vae.models
    import indl_vae.training  # noqa: F401


def forked_process(words: Sequence[str], kill: Kill | None) -> tuple[int, str]:
    """As `fresh_process`, of a copy of this process, which must have called `preload` and computed nothing."""
    with tempfile.TemporaryFile("w+") as said:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if not child:
            _become(words, kill, said.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return code, said.read()


def _become(words: Sequence[str], kill: Kill | None, said: int) -> None:
    """Never returns."""
    from benchmarks.resuming.killed_train import arm
    from indl_vae.cli import main

    code = 1
    try:
        os.dup2(said, 1)
        os.dup2(said, 2)
        if kill is not None:
            arm(*kill)
        main(words)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
