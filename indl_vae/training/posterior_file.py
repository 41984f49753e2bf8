"""The posterior file: what a model inferred of every trial, as HDF5."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from indl_vae.data import write_hdf5
from indl_vae.errors import DataError


def write_posterior(
    path: str | Path,
    splits: Mapping[str, Mapping[str, np.ndarray]],
    *,
    bin_width_s: float | None,
    samples: int,
) -> Path:
    """Writes datasets `<split>_<name>`, for example `valid_rates` and `valid_inds`, whole or not at all.

    Args:
        path: The file.
        splits: Name of the split ("session/split" for a group of the file) to arrays by name, each with the trials
            first: those of `model.posterior`, and "inds", the number of each trial in the recording. Rates are expected
            counts per bin.
        bin_width_s: Width of a bin in seconds, an attribute of the file; NaN there when it is None.
        samples: Samples averaged, an attribute of the file; 0 when posterior means were pushed through.

    Returns:
        The path.

    Raises:
        DataError: An array has another number of trials than the rates, or holds NaN or infinity, or the file cannot be
            written.
    """
    arrays = {}
    for split, values in splits.items():
        for name, value in values.items():
            key, array = f"{split}_{name}", np.asarray(value)
            _check(array, key, path, len(values["rates"]))
            arrays[key] = array
    width = math.nan if bin_width_s is None else float(bin_width_s)
    return write_hdf5(arrays, path, {"bin_width_s": width, "samples": int(samples)})


def _check(array: np.ndarray, key: str, path: str | Path, n_trials: int) -> None:
    if array.ndim == 0 or len(array) != n_trials:
        raise DataError(f"{path}: {key}: has shape {array.shape}, expected {n_trials} trials first, as the rates have.")
    bad = ~np.isfinite(array)
    if bad.any():
        trial = int(np.argwhere(bad)[0][0])
        raise DataError(
            f"{path}: {key}: NaN or infinity, first in trial {trial}; nothing was written. The weights or this trial's "
            "data are extreme: look at the data (indl-vae inspect), or train again with a lower learning_rate."
        )
