"""Gives back the memory of graphs that nobody uses any more."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from tensorflow.python.framework import ops

_OWN_GRADIENT = "CustomGradient-"


@contextlib.contextmanager
def graphs_released() -> Iterator[None]:
    """Frees what TensorFlow keeps of the models that are built, traced and dropped within.

    TensorFlow enters a function with a gradient of its own into a table each time it is traced, and never takes it
    out; the entry holds the whole graph. A search of a hundred trials in one process would grow by gigabytes. Models
    that are still in use afterwards work as before: what they trace anew is entered anew. What XLA has compiled stays.
    """
    table = ops.gradient_registry._registry
    before = set(table)
    try:
        yield
    finally:
        for name in set(table) - before:
            if name.startswith(_OWN_GRADIENT):
                del table[name]
        gc.collect()
