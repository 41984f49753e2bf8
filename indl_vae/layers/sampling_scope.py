"""Whether layers draw from their posteriors outside of training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_SAMPLING: ContextVar[bool] = ContextVar("indl_vae_sampling", default=False)


@contextlib.contextmanager
def sampling_scope() -> Iterator[None]:
    """Makes posteriors draw samples although `training` is False (no dropout), for averaging over posterior samples.

    The scope is read when a layer is called or traced, so a `tf.function` traced inside it keeps sampling.
    """
    token = _SAMPLING.set(True)
    try:
        yield
    finally:
        _SAMPLING.reset(token)


def is_sampling(training: bool | None) -> bool:
    """Returns whether a posterior layer should draw: while training, or inside `sampling_scope`."""
    return bool(training) or _SAMPLING.get()
