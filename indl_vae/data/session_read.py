"""Reads one session's file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indl_vae.data.hdf5_read import read_hdf5
from indl_vae.data.keys import SPLITS
from indl_vae.data.nwb_session import DEFAULT_BIN_WIDTH_S, NwbOptions, read_nwb
from indl_vae.data.session import RawSession


def read_session(path: Path, splits: Iterable[str] = SPLITS, bin_width_s: float | None = None) -> RawSession:
    """Reads an HDF5 file of the library's layout, or an NWB file (.nwb) with the defaults of `load_nwb`.

    Args:
        path: The file.
        splits: Splits whose arrays are read.
        bin_width_s: Width of the bins that an NWB file's spikes are counted in; None takes 10 ms.

    Raises:
        ConfigError: pynwb is needed and not installed, or the bin width is out of its range.
        DataError: The file is missing, damaged, or not safe to read.
    """
    if path.suffix.lower() == ".nwb":
        return read_nwb(path, NwbOptions(bin_width_s=DEFAULT_BIN_WIDTH_S if bin_width_s is None else bin_width_s))
    return read_hdf5(path, splits)
