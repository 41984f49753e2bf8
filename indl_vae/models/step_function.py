"""A step function that goes on without XLA where XLA cannot compile it."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

Step = Callable[[Iterator[Any]], Any]


class StepFunction:
    """Runs a compiled step; if its first run fails, tries once more with the step made without XLA.

    The batches of the failed run are kept and given to the second one, so that no data are lost.

    Args:
        compiled: As Keras makes it: takes an iterator over batches, returns the metrics.
        make_plain: Makes the same step without XLA.
        steps: Batches that one call takes (`steps_per_execution`).
    """

    def __init__(self, compiled: Step, make_plain: Callable[[], Step], steps: int = 1) -> None:
        self._run, self._make_plain, self._steps = compiled, make_plain, steps
        self._proven = False

    def __call__(self, iterator: Iterator[Any]) -> Any:
        """Takes the next batches of the iterator; StopIteration at its end."""
        if self._proven:
            return self._run(iterator)
        batches = list(itertools.islice(iterator, self._steps))
        if not batches:
            raise StopIteration
        try:
            result = self._run(_again(batches, iterator))
        except tf.errors.OpError as error:
            self._run = self._make_plain()
            result = self._run(_again(batches, iterator))
            warn_of_failed_compilation(error, stacklevel=3)
        self._proven = True
        return result


def warn_of_failed_compilation(error: tf.errors.OpError, stacklevel: int = 2) -> None:
    """Warns that XLA cannot compile a model, which goes on without it."""
    warnings.warn(
        f"XLA cannot compile this model: {_first_line(error)} It runs without XLA, which is slower. Set "
        f"jit_compile=False to start like this.{_cache_hint()}",
        stacklevel=stacklevel,
    )


def _again(batches: list[Any], like: Iterator[Any]) -> Iterator[Any]:
    """Returns an iterator over batches of the same kind as `like`, so that a step is compiled for that kind once."""
    if not hasattr(like, "element_spec"):
        return iter(batches)
    return iter(tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=like.element_spec))


def _cache_hint() -> str:
    if "persistent_cache_directory" not in os.environ.get("TF_XLA_FLAGS", ""):
        return ""
    return " A damaged cache of compiled programs can be the cause: try INDL_VAE_COMPILE_CACHE=off."


def _first_line(error: tf.errors.OpError) -> str:
    return next((line for line in error.message.splitlines() if line.strip()), type(error).__name__)
