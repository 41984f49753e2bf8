"""Writes animals in the HDF5 form that CeNeuroVAE reads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indl_vae.data.hdf5_write import write_hdf5
from indl_vae.data.worms.recording import WormRecording
from indl_vae.data.worms.worm_set import WormSet


def write_worms(worms: WormSet, path: str | os.PathLike[str]) -> Path:
    """Writes a file that `load_worms` reads back to the same animals, and that CeNeuroVAE reads too.

    Activity that was not recorded is written as 0 under a mask of 0, behaviour that was not measured as NaN.

    Args:
        worms: The animals.
        path: The file to write; an existing one is replaced.

    Returns:
        The path written.

    Raises:
        DataError: The file cannot be written, or an array of the extras is not numeric.
    """
    arrays, texts = worm_arrays(worms)
    return write_hdf5(arrays, path, {}, texts)


def worm_arrays(worms: WormSet) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """Returns the arrays, and the lists of text, of such a file by key."""
    arrays = {"B_norm_divisor": worms.behavior_divisor}
    for uid, recording in worms.recordings.items():
        arrays |= {f"data/{uid}/{key}": value for key, value in _arrays(recording).items()}
    return arrays, {"label_name": worms.labels, "behavior_name": worms.behavior_names}


def _arrays(recording: WormRecording) -> dict[str, np.ndarray]:
    arrays = {
        **{key: np.asarray(value) for key, value in recording.extras.items()},
        "X": recording.x.T,
        "B": np.where(recording.behavior_mask > 0, recording.behavior, np.nan).astype(np.float32).T,
        "I": recording.identity,
        "M": recording.mask.T.astype(np.uint8),
        "segments": np.array(recording.segments, np.int64).reshape(-1, 2),
    }
    return arrays if recording.dt is None else arrays | {"dt": np.float64(recording.dt)}
