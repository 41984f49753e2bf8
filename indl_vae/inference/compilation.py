"""Whether a compiler works on the program that is being traced."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_COMPILED: ContextVar[bool] = ContextVar("indl_vae_compiled", default=False)


@contextlib.contextmanager
def compilation_scope(compiled: bool) -> Iterator[None]:
    """Says whether XLA compiles what is traced inside, since TensorFlow does not tell.

    Results do not depend on it. A compiler fuses elementwise work within the body of a loop; without one, each
    operation of the body costs a call at every step, and what can be done before the loop is done there.
    """
    token = _COMPILED.set(compiled)
    try:
        yield
    finally:
        _COMPILED.reset(token)


def is_compiled() -> bool:
    """Returns what the innermost `compilation_scope` says, False outside of any."""
    return _COMPILED.get()
