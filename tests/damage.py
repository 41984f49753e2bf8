"""Seeded damage to a file's bytes, for tests that nothing but the library's own errors comes of it."""

from __future__ import annotations

import os
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indl_vae.errors import IndlVaeError

#: Edits of one file: in the default suite, and in the slow one.
FEW, MANY = 20, 200
#: Bytes that reading a damaged file may take beyond what the process has; its own are a few thousand.
MEMORY = 512 << 20
#: Seconds of processor time that reading one damaged file may take.
SECONDS = 30.0


def mutated(content: bytes, seed: int) -> bytes:
    """Returns the bytes with one to four of them changed, or cut short; headers at the beginning get half of it."""
    rng = np.random.default_rng(seed)
    edited = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        limit = len(edited) if rng.random() < 0.5 else min(4096, len(edited))
        edited[int(rng.integers(limit))] = int(rng.integers(256))
    if rng.random() < 0.1:
        edited = edited[: int(rng.integers(len(edited)))]
    return bytes(edited)


def edits(content: bytes, n: int, first: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yields seeds and the bytes damaged by each that are not the bytes themselves."""
    for seed in range(first, first + n):
        made = mutated(content, seed)
        if made != content:
            yield seed, made


def refusals(
    path: Path, content: bytes, n: int, read: Callable[[Path], Any], check: Callable[[Any], None] | None = None
) -> int:
    """Returns how many of n damaged copies are refused; each other one is read, in bounded memory and time.

    Args:
        path: Where the damaged copies are written; an error must name it.
        content: The bytes of the file that is whole.
        n: Number of edits.
        read: Reads a copy.
        check: Looks at what was read of a copy that is not refused.
    """
    refused = 0
    for seed, damaged in edits(content, n):
        path.write_bytes(damaged)
        began = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = read(path)
        except IndlVaeError as error:
            assert path.name in str(error), f"seed {seed}: {error}"
            refused += 1
        else:
            if check is not None:
                check(found)
        assert time.process_time() - began < SECONDS, f"seed {seed} takes long"
    return refused


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Limits the memory of the process: a header that claims more than the file has is not to be believed."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)
