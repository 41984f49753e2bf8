"""Files of ragged trials of two regions, in every format, that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import scipy.io

SIZES = (3, 2)


def ragged(n: int = 20, seed: int = 0, n_channels: int = 5) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Trials (T_i, N) of 4 to 7 bins and their inputs (T_i, 2)."""
    rng = np.random.default_rng(seed)
    ys = [rng.normal(size=(length, n_channels)) for length in rng.integers(4, 8, n)]
    return ys, [rng.normal(size=(len(y), 2)) for y in ys]


def cell(arrays: list[np.ndarray]) -> np.ndarray:
    """Arrays as SciPy writes a MATLAB cell."""
    made = np.empty((1, len(arrays)), object)
    for i, array in enumerate(arrays):
        made[0, i] = array
    return made


def write_mat5(path: Path, ys: list, us: list | None, sizes: object = SIZES, compressed: bool = True, **more) -> Path:
    arrays = {"ys": cell(ys), "region_sizes": np.atleast_2d(sizes).astype(float)} | more
    arrays |= {} if us is None else {"us": cell(us)}
    scipy.io.savemat(path, arrays, do_compression=compressed)
    return path


def write_mat73(path: Path, ys: list, us: list | None, sizes: object = SIZES) -> Path:
    """Writes what MATLAB's save(..., '-v7.3') writes: axes reversed, cells as references into #refs#."""
    with h5py.File(path, "w", userblock_size=512) as handle:
        for key, trials in {"ys": ys, "us": us}.items():
            if trials is None:
                empty = handle.create_dataset(key, data=np.zeros(2, np.uint64))
                empty.attrs["MATLAB_class"], empty.attrs["MATLAB_empty"] = np.bytes_("double"), np.int32(1)
                continue
            names = [_write(handle, f"#refs#/{key}{i}", trial) for i, trial in enumerate(trials)]
            references = np.array([[handle[name].ref] for name in names], h5py.ref_dtype)
            handle.create_dataset(key, data=references).attrs["MATLAB_class"] = np.bytes_("cell")
        _write(handle, "region_sizes", np.atleast_2d(np.asarray(sizes, float)))
    header = b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM"
    content = path.read_bytes()
    path.write_bytes(header + content[128:])
    return path


def _write(handle: h5py.File, name: str, array: np.ndarray) -> str:
    handle.create_dataset(name, data=np.asarray(array).T).attrs["MATLAB_class"] = np.bytes_("double")
    return name


def flat(ys: list, us: list | None, sizes: object = SIZES) -> dict[str, np.ndarray]:
    """Trials one after the other with their lengths: no objects."""
    arrays = {"ys": np.concatenate(ys), "lengths": np.array([len(y) for y in ys]), "region_sizes": np.array(sizes)}
    return arrays if us is None else arrays | {"us": np.concatenate(us)}


def padded(ys: list, us: list | None, sizes: object = SIZES) -> dict[str, np.ndarray]:
    """Trials padded with NaN, and their lengths."""
    arrays = flat(ys, us, sizes)
    for key, trials in {"ys": ys, "us": us or []}.items():
        if trials:
            arrays[key] = np.full((len(trials), 7, trials[0].shape[1]), np.nan)
            for row, trial in zip(arrays[key], trials, strict=True):
                row[: len(trial)] = trial
    return arrays


def write_npz(path: Path, ys: list, us: list | None, sizes: object = SIZES) -> Path:
    np.savez(path, **flat(ys, us, sizes))
    return path


def write_h5(path: Path, ys: list, us: list | None, sizes: object = SIZES) -> Path:
    with h5py.File(path, "w") as handle:
        for key, value in padded(ys, us, sizes).items():
            handle[key] = value
    return path


WRITERS = {"mat5.mat": write_mat5, "mat73.mat": write_mat73, "flat.npz": write_npz, "padded.h5": write_h5}
