"""Reads one session's file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indl_vae.data.divide_trials import divide_session
from indl_vae.data.hdf5_read import read_hdf5
from indl_vae.data.keys import SPLITS
from indl_vae.data.mat_file import read_mat
from indl_vae.data.npy_options import NpyOptions
from indl_vae.data.npy_session import read_npy_session
from indl_vae.data.npz_file import read_npz
from indl_vae.data.nwb_session import DEFAULT_BIN_WIDTH_S, NwbOptions, read_nwb
from indl_vae.data.session import RawSession
from indl_vae.data.trial_options import TrialOptions
from indl_vae.data.worms.worm_options import WormOptions
from indl_vae.data.worms.worm_session import worm_session
from indl_vae.data.worms.worm_source import is_lab_folder, is_worm_file, read_worms


def read_session(
    path: Path,
    splits: Iterable[str] = SPLITS,
    bin_width_s: float | None = None,
    npy: NpyOptions | None = None,
    trials: TrialOptions | None = None,
    worms: WormOptions | None = None,
) -> RawSession:
    """Reads a file of the library's layout (HDF5, .npz or .mat), a .npy file, an NWB file as `load_nwb` does, or worms.

    Args:
        path: The file; .nwb, .npy, .npz and .mat are known by their endings, whatever else is HDF5. A file of worms is
            known by its groups, a folder of the lab's by its files.
        splits: Splits whose arrays are read.
        bin_width_s: Width of the bins that an NWB file's spikes are counted in; None takes 10 ms.
        npy: How a .npy file is divided.
        trials: How a file with trials under `ys` is divided.
        worms: How recordings of worms are divided and cut.

    Raises:
        ConfigError: pynwb is needed and not installed, the bin width is out of its range, or options go with another
            kind of file.
        DataError: The file is missing, damaged, or not safe to read.
    """
    if is_lab_folder(path) or is_worm_file(path):
        return _read_worms(path, splits, trials, worms)
    suffix = path.suffix.lower()
    if trials is not None and suffix in (".nwb", ".npy"):
        trials.refuse(str(path), f"a {suffix} file")
    if suffix == ".nwb":
        return read_nwb(path, NwbOptions(bin_width_s=DEFAULT_BIN_WIDTH_S if bin_width_s is None else bin_width_s))
    if suffix == ".npy":
        return read_npy_session(path, splits, npy)
    if suffix in (".npz", ".mat"):
        session = read_npz(path) if suffix == ".npz" else read_mat(path)
    else:
        session = read_hdf5(path, splits)
    return divide_session(session, splits, trials)


def _read_worms(
    path: Path, splits: Iterable[str], trials: TrialOptions | None, worms: WormOptions | None
) -> RawSession:
    if trials is not None:
        trials.refuse(str(path), "recordings of worms, which the options of worms divide")
    found, sha256 = read_worms(path)
    return worm_session(found, worms, splits, str(path), sha256)
