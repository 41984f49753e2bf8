"""What only shows a run never ends it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from indl_vae.training.run_log import warn


def sparing(what: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Makes a method of a callback that warns where it would raise: the training goes on without what it shows.

    Ctrl-C and SIGTERM pass. What keeps a run (metrics.csv, models, states) must not be made so.

    Args:
        what: Which is left out then, for the warning.
    """

    def spared(method: Callable[..., Any]) -> Callable[..., None]:
        @functools.wraps(method)
        def run(*args: Any, **kwargs: Any) -> None:
            try:
                method(*args, **kwargs)
            except Exception as error:  # whatever goes wrong in what is shown, the run is worth more
                warn(f"{what} left out: {type(error).__name__}: {error}")

        return run

    return spared
