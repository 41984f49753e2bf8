"""Which rows of the whole batch the present computation works on, for random numbers that do not depend on it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any


class BatchWindow:
    """A part of a batch, worked on apart from the others: by another core, or by another device.

    Args:
        first_row: Index in the whole batch of the part's first row, an integer or a scalar tensor.
    """

    def __init__(self, first_row: Any = 0) -> None:
        self.first_row = first_row
        self._draws: Counter[int] = Counter()

    def next_draw(self, generator: Any) -> int:
        """Returns how many times this generator was asked before."""
        self._draws[id(generator)] += 1
        return self._draws[id(generator)] - 1


_WINDOW: ContextVar[BatchWindow | None] = ContextVar("indl_vae_batch_window", default=None)


@contextlib.contextmanager
def batch_window(first_row: Any = 0) -> Iterator[None]:
    """Makes layers draw what they would draw for these rows if they were given the whole batch.

    Seed generators are read and not moved on inside, so that several windows may run at once; whoever opens windows
    moves the generators on once per batch (`random.advance`).
    """
    token = _WINDOW.set(BatchWindow(first_row))
    try:
        yield
    finally:
        _WINDOW.reset(token)


@contextlib.contextmanager
def no_window() -> Iterator[None]:
    """Leaves the window: generators move on with every draw, as a cell that draws at each step of a loop needs."""
    token = _WINDOW.set(None)
    try:
        yield
    finally:
        _WINDOW.reset(token)


def current_window() -> BatchWindow | None:
    """Returns the window of the innermost `batch_window`, None outside of any."""
    return _WINDOW.get()
