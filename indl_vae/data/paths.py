"""Which files a data argument means: one file, or the files of a stem."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from indl_vae.data.worms.worm_source import is_lab_folder
from indl_vae.errors import DataError

_SUFFIXES = (".h5", ".hdf5")
#: Endings of files of other formats, which are always named in full.
_OTHER_SUFFIXES = (".nwb", ".npy", ".npz", ".mat")


def find_sessions(path: str | os.PathLike[str]) -> list[Path]:
    """Returns the files that a path or FOLDER/STEM means, one per session.

    These are STEM, else STEM.h5, else every STEM_<session> and STEM_<session>.h5, sorted. A folder of the lab's files
    of worms (`*-data.h5`) stands for itself. A file of another known set
    whose name begins with STEM (chaotic_rnn_no_inputs_gaussian beside chaotic_rnn_no_inputs) is not taken.

    Raises:
        DataError: There is no such file.
    """
    path = Path(path)
    for suffix in ("", *_SUFFIXES):
        if Path(f"{path}{suffix}").is_file():
            return [Path(f"{path}{suffix}")]
    if is_lab_folder(path):
        return [path]
    if path.is_dir():
        names = sorted(entry.name for entry in path.iterdir() if entry.suffix in _SUFFIXES)
        raise DataError(
            f"{path}: is a folder; name a file in it, or FOLDER/STEM of its files"
            + (f" (it holds {', '.join(names[:10])})." if names else " (it holds no .h5 file).")
        )
    found = _sessions_of_stem(path) if path.parent.is_dir() and path.name else []
    if not found:
        raise DataError(
            f"{path}: no such file, and no {path.name}.h5 or {path.name}_<session>.h5 beside it; check the path."
        )
    return found


def _sessions_of_stem(path: Path) -> list[Path]:
    # The sets' generators use this room's loader, so they are looked up when needed.
    from indl_vae.data import synthetic

    others = [stem for stem in synthetic.registry.known_stems() if stem.startswith(path.name + "_")]
    sessions = {}
    for entry in sorted(path.parent.iterdir()):
        is_session = entry.name.startswith(path.name + "_") and entry.suffix in ("", *_SUFFIXES) and entry.is_file()
        if is_session and not any(_is_of(entry.name, stem) for stem in others):
            sessions.setdefault(entry.with_suffix("") if entry.suffix in _SUFFIXES else entry, entry)
    return list(sessions.values())


def _is_of(name: str, stem: str) -> bool:
    return name == stem or name.startswith((stem + "_", stem + "."))


def name_sessions(paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> dict[str, Path]:
    """Returns the files meant by a path, or by a list of paths, by the names of their sessions.

    A session of a stem has the rest of its file's name after the stem for its name; files listed one by one have what
    their names, without suffix and up to an underscore, do not share. A single file has the name "".

    Raises:
        DataError: No file is there, or two have the same name.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not given:
        raise DataError("data: an empty list of paths; expected the path of a data file.")
    named = [(_session_name(Path(path), file), file) for path in given for file in find_sessions(path)]
    if len(named) == 1:
        return {"": named[0][1]}
    sessions = dict(_without_common_stem(named) if len(given) > 1 else named)
    if len(sessions) < len(named):
        twice = sorted({name for name, _ in named if [other for other, _ in named].count(name) > 1})
        raise DataError(f"data: several sessions are called {', '.join(twice[:10])}; give the files different names.")
    return sessions


def _without_common_stem(named: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    names = [name for name, _ in named]
    common = os.path.commonprefix(names).rpartition("_")
    shared = len(common[0] + common[1])
    return named if any(len(name) <= shared for name in names) else [(name[shared:], file) for name, file in named]


def _session_name(path: Path, file: Path) -> str:
    whole = file.name.removesuffix(file.suffix if file.suffix in (*_SUFFIXES, *_OTHER_SUFFIXES) else "")
    return whole.removeprefix(f"{path.name}_") if whole.startswith(f"{path.name}_") else whole
