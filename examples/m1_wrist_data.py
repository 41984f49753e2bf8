"""The recording m1_wrist as a data set: which trials train, choose and test, for every example that uses it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

import indl_vae
from indl_vae.data import Dataset, write_dataset


def make_dataset(path: Path) -> Dataset:
    """Writes the recording as LFADS HDF5 and reads it back through the library's own door."""
    source = Path(os.environ["INDL_VAE_DATA"]) / "m1_wrist" / "m1_wrist_day0.npz"
    with np.load(source, allow_pickle=False) as recording:
        spikes, force, target = (recording[key] for key in ("spikes", "force", "target"))
        bin_width_s = float(recording["bin_s"])
    trial = np.arange(len(spikes))
    arrays = {}
    for name, rows in {"train": trial % 5 < 3, "valid": trial % 5 == 3, "test": trial % 5 == 4}.items():
        arrays |= {f"{name}_data": spikes[rows], f"{name}_behavior": force[rows], f"{name}_condition": target[rows]}
        arrays[f"{name}_inds"] = trial[rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    return indl_vae.load_dataset(write_dataset(arrays, path, bin_width_s=bin_width_s))
