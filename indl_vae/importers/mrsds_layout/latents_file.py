"""The .mat file of latents, states, messages and scores."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from indl_vae.data.mat5_file import read_mat5
from indl_vae.errors import RunError

#: MATLAB's format up to version 7 holds no larger variables.
_LARGEST = 2**31 - 1024


def write_latents(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Writes arrays, whole or not at all; those that the format cannot hold are left out with a warning."""
    import scipy.io

    large = [name for name, array in arrays.items() if array.nbytes > _LARGEST]
    if large:
        warnings.warn(
            f"{path}: {', '.join(large)}: larger than 2 GB, which a .mat file of this kind cannot hold; left out. "
            "`run.model` makes them of parts of the data.",
            UserWarning,
            stacklevel=2,
        )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    kept = {name: array for name, array in arrays.items() if name not in large}
    scipy.io.savemat(part, kept, appendmat=False, do_compression=True)
    os.replace(part, path)


def read_latents(path: Path) -> dict[str, np.ndarray]:
    """Returns the arrays of a file; vectors, which MATLAB writes as matrices, as vectors.

    Raises:
        RunError: There is no such file.
        DataError: It is damaged.
    """
    if not path.is_file():
        raise RunError(f"{path}: no such file; the run has not saved its latents yet (training.save_steps).")
    arrays, _ = read_mat5(path, lambda names: names)
    return {name: array.reshape(-1) if array.ndim == 2 else array for name, array in arrays.items()}
