"""What a generator makes: arrays under the file's key names, truth among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.hdf5_write import write_dataset
from indl_vae.data.load import load_dataset
from indl_vae.errors import DataError


@dataclass(frozen=True, eq=False)
class SyntheticSet:
    """A synthetic data set.

    Attributes:
        name: Its name, with underscores.
        sessions: Arrays by file key, for each session; a set of one session calls it "".
        bin_width_s: Width of a bin in seconds.
        likelihood: Observation model that the data were drawn from.
    """

    name: str
    sessions: Mapping[str, Mapping[str, np.ndarray]]
    bin_width_s: float
    likelihood: str = "poisson"

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """The arrays of the only session.

        Raises:
            DataError: The set has several sessions.
        """
        if len(self.sessions) != 1:
            raise DataError(f"{self.name}: has {len(self.sessions)} sessions, expected one; take them from `sessions`.")
        return next(iter(self.sessions.values()))

    def dataset(self, session: str | None = None) -> Dataset:
        """Returns a session as a checked Dataset, without a file.

        Args:
            session: Name of the session; None takes the only one.

        Raises:
            DataError: There are several sessions and none is named, or none of that name.
        """
        if session is not None and session not in self.sessions:
            raise DataError(f"{self.name}: no session {session!r}, expected one of {', '.join(self.sessions)}.")
        arrays = self.arrays if session is None else self.sessions[session]
        return load_dataset(arrays, likelihood=self.likelihood, bin_width_s=self.bin_width_s)

    def write(self, session: str, path: Path) -> Path:
        """Writes the file of a session.

        Raises:
            DataError: It cannot be written.
        """
        return write_dataset(self.sessions[session], path, self.bin_width_s)
