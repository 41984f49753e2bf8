"""How a .npy file is divided into splits and windows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.errors import ConfigError

DEFAULT_SHARE = 0.1


@dataclass(frozen=True)
class NpyOptions:
    """How a .npy file is divided.

    Attributes:
        seq_len: Bins of the windows that longer trials are cut into; None for whole trials.
        inputs_path: File of the measured inputs, `(N, T, S)` or `(T, S)`.
        valid_share: Last share, before that of the test, to validate on; None takes a tenth.
        test_share: Last share to test on, 0 for none; None takes a tenth.
        whole_if_short: Whether a file too short for all splits is new data, all of it to test on, or a fault.

    Raises:
        ConfigError: A value is out of its range.
    """

    seq_len: int | None = None
    inputs_path: str | os.PathLike[str] | None = None
    valid_share: float | None = None
    test_share: float | None = None
    whole_if_short: bool = False

    def __post_init__(self) -> None:
        length = self.seq_len
        if length is not None and (isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 1):
            raise ConfigError(f"seq_len: {length!r}, expected a number of bins from 1 up, or None for whole trials.")
        valid, test = self.shares
        if not 0 < valid < 1:
            raise ConfigError(f"valid_share: {valid!r}, expected a share above 0 and below 1; 0.1 is usual.")
        if not 0 <= test < 1 - valid:
            raise ConfigError(
                f"test_share: {test!r}, expected a share from 0 up that leaves something to train on beside "
                f"valid_share {valid!r}."
            )

    @property
    def shares(self) -> tuple[float, float]:
        """Shares of validation and test, the defaults filled in."""
        valid, test = (DEFAULT_SHARE if one is None else one for one in (self.valid_share, self.test_share))
        return valid, test

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the options that were set."""
        options = {name: value for name, value in vars(self).items() if name != "whole_if_short"}
        return tuple(name for name, value in options.items() if value is not None)

    def divides(self, splits: Iterable[str]) -> bool:
        """Whether the file is divided; if "test" alone is wanted and no share is set, all of it is new test data."""
        return tuple(splits) != ("test",) or self.valid_share is not None or self.test_share is not None


def is_npy(source: Any) -> bool:
    """Whether a data argument names .npy files and nothing else."""
    if isinstance(source, (str, os.PathLike)):
        return Path(source).suffix.lower() == ".npy"
    return isinstance(source, Sequence) and len(source) > 0 and all(map(is_npy, source))


def check_npy_options(options: NpyOptions, source: Any) -> None:
    """Checks that options of .npy files go with such a file.

    Raises:
        ConfigError: The data are something else, or inputs are given for several files.
    """
    if not options.given:
        return
    if not is_npy(source):
        found = "arrays" if isinstance(source, Mapping) else source
        raise ConfigError(
            f"{options.given[0]}: goes with a .npy file, got {found}. Other files hold their splits, and inputs under "
            "*_ext_input; a recording in memory is cut by dataset_from_recording."
        )
    if options.inputs_path is not None and not isinstance(source, (str, os.PathLike)) and len(source) > 1:
        raise ConfigError(
            f"inputs_path: goes with one .npy file, got {len(source)}; write sessions with inputs as HDF5 or .npz."
        )
