"""From the published dicts to loaders of windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from indl_vae.data.worms import UNKNOWN, WormRecording, WormSet, cut_worms, split_animals
from indl_vae.errors import DataError
from indl_vae.families.ceneurovae.compat.window_loader import WindowLoader


def build_loaders(
    datasets: Mapping[str, Mapping[str, Any]],
    window_T: int = 200,
    stride: int = 50,
    batch_size: int = 8,
    num_workers: int = 0,
    val_frac: float = 0.2,
    seed: int = 0,
    ignore_unlabeled: bool = True,
    pin_memory: bool = False,
) -> tuple[WindowLoader, WindowLoader, list[str], list[str]]:
    """Divides animals, those that the published code would draw, and cuts them into windows.

    Windows stay within an animal's `segments`, where it has any. What is left at the end of a segment is lost, as
    published. A recording, or segment, that is too short is named in a warning.

    Args:
        datasets: Of `import_h5`, or dicts like them: X `(N, T)`, Bx `(Tb, T)`, I `(N,)` and perhaps M `(N, T)`.
        window_T: Frames of a window.
        stride: Frames from one window's start to the next.
        batch_size: Windows in a batch.
        num_workers: Of no effect: windows are in memory already.
        val_frac: Share of the animals that validate, at least one.
        seed: Of the division and of the order of training windows.
        ignore_unlabeled: Whether neurons of identity 0 are left out.
        pin_memory: Of no effect.

    Returns:
        The training loader (shuffled), the validation loader, and the names of the animals in each.

    Raises:
        ConfigError: A number is out of its range.
        DataError: Arrays of an animal do not fit together, or no animal makes a window.
    """
    train_uids, val_uids = split_animals(datasets, val_frac, seed)
    loaders = []
    for uids, order in ((train_uids, seed), (val_uids, None)):
        worms = _worm_set(datasets, uids)
        windows = cut_worms(worms, window_T, stride, ignore_unlabeled=ignore_unlabeled, keep_tail=False)
        loaders.append(WindowLoader(windows, batch_size, order))
    return (*loaders, list(train_uids), list(val_uids))


def _worm_set(datasets: Mapping[str, Mapping[str, Any]], uids: Iterable[str]) -> WormSet:
    recordings = [_recording(uid, datasets[uid]) for uid in uids]
    highest = max(int(recording.identity.max()) for recording in recordings)
    return WormSet.of(recordings, (UNKNOWN, *(str(k) for k in range(1, highest + 1))))


def _recording(uid: str, arrays: Mapping[str, Any]) -> WormRecording:
    missing = [key for key in ("X", "Bx", "I") if arrays.get(key) is None]
    if missing:
        raise DataError(f"{uid}: has no {', '.join(missing)}, expected X (N, T), Bx (Tb, T) and I (N,) of an animal.")
    x, behavior = (np.asarray(arrays[key]) for key in ("X", "Bx"))
    for key, array in (("X", x), ("Bx", behavior)):
        if array.ndim != 2 or array.shape[1] != x.shape[-1]:
            raise DataError(f"{uid}: {key}: has shape {array.shape}, expected (rows, frames) with the frames of X.")
    mask, segments = arrays.get("M"), arrays.get("segments")
    mask = None if mask is None else np.asarray(mask).T
    return WormRecording(uid, x.T, behavior.T, np.asarray(arrays["I"]), mask, segments=segments)
