"""Small data files that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np


def small_arrays(seed: int = 0, n_train: int = 6, n_valid: int = 3, n_bins: int = 5, n_channels: int = 4) -> dict:
    """Arrays under the file's keys: enough spikes that no channel is silent, truth in Hz at 10 ms bins."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for split, n in (("train", n_train), ("valid", n_valid)):
        arrays[f"{split}_data"] = rng.poisson(2.0, (n, n_bins, n_channels)).astype(np.float32)
        arrays[f"{split}_truth"] = np.full((n, n_bins, n_channels), 200.0, np.float32)
    return arrays


def write_h5(path: Path, arrays: dict, **attributes: object) -> Path:
    """Writes arrays as they are, without the library's writer."""
    with h5py.File(path, "w") as handle:
        for key, value in arrays.items():
            handle[key] = value
        for name, value in attributes.items():
            handle.attrs[name] = value
    return path
