"""The raw arrays of one recording session, under the file's key names, before any check of their values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from indl_vae.data.keys import known_keys
from indl_vae.errors import DataError

if TYPE_CHECKING:
    from indl_vae.data.worms.worm_channels import WormChannels


@dataclass(frozen=True, eq=False)
class RawSession:
    """What was found in a file, or handed over in memory.

    Attributes:
        source: The file's path, or "memory".
        arrays: Known keys and their arrays, as stored.
        bin_width_s: Bin width in seconds that the file states, or None.
        sha256: SHA-256 of the file, or of the arrays in memory.
        ignored: Keys that the library does not read.
        worms: Whose neurons the channels are, for recordings of worms.
    """

    source: str
    arrays: Mapping[str, np.ndarray]
    bin_width_s: float | None = None
    sha256: str = ""
    ignored: tuple[str, ...] = field(default=())
    worms: WormChannels | None = None

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], bin_width_s: float | None = None) -> RawSession:
        """Returns a session of arrays in memory, under the file's key names (`train_data`, `valid_truth`, ...).

        Raises:
            DataError: An array is not numeric.
        """
        found = {key: _numeric(key, arrays[key]) for key in known_keys(arrays)}
        ignored = tuple(sorted(key for key in arrays if key not in found))
        return cls("memory", found, bin_width_s, _digest(found), ignored)


def _numeric(key: str, value: np.ndarray) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DataError(f"memory: {key}: is no regular array ({error}); use Dataset.from_arrays for lists.") from error
    if array.dtype.kind not in "biuf":
        raise DataError(f"memory: {key}: has type {array.dtype}, expected numbers; pass floats or integers.")
    return array


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for key in sorted(arrays):
        array = np.ascontiguousarray(arrays[key])
        digest.update(f"{key}{array.shape}{array.dtype.str}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
