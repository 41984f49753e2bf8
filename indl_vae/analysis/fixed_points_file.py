"""Fixed points as an HDF5 file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.analysis.fixed_points import FixedPoints
from indl_vae.analysis.generator_map import factors_of
from indl_vae.data import write_hdf5


def write_fixed_points(path: str | Path, found: FixedPoints, model: Any, inputs: Any = None) -> Path:
    """Writes fixed points of a model's generator.

    Datasets, a row a point: points, factors (of the points), speed, distances, n_unstable, jacobians,
    eigenvalues_real, eigenvalues_imag, time_constants (bins) and frequencies (cycles per bin); and inputs, the constant
    input (empty: zeros). Attribute: bin_width_s, NaN when unknown.

    Raises:
        DataError: The file cannot be written.
    """
    arrays = {
        "points": found.points,
        "factors": factors_of(model, found.points),
        "speed": found.speed,
        "distances": found.distances,
        "n_unstable": found.n_unstable,
        "jacobians": found.jacobians,
        "eigenvalues_real": found.eigenvalues.real,
        "eigenvalues_imag": found.eigenvalues.imag,
        "time_constants": found.time_constants,
        "frequencies": found.frequencies,
        "inputs": np.zeros(0) if inputs is None else np.asarray(inputs, np.float64),
    }
    width = math.nan if found.bin_width_s is None else found.bin_width_s
    return write_hdf5(arrays, path, {"bin_width_s": width})
