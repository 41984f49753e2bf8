"""Reads the published HDF5 file into the published dicts."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from indl_vae.data.worms import WormSet, load_worms


def import_h5(path: str | os.PathLike[str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Reads recordings of several animals.

    Args:
        path: The file; `load_worms` says what it holds.

    Returns:
        By uid, a dict of X `(N, T)`, M `(N, T)`, Bx `(Tb, T)` in units of the file's divisors, I `(N,)`, uid, segments
        `(k, 2)` (stretches that windows stay within) and what else the animal's group holds; and the labels, "unknown"
        first, so that `VAEConfig(n_identities=len(labels), ...)`.

    Raises:
        DataError: The file is missing, cut short or not of this form, or its arrays do not fit together.
    """
    worms = load_worms(path)
    return {uid: _as_published(worms, uid) for uid in worms.uids}, list(worms.labels)


def _as_published(worms: WormSet, uid: str) -> dict[str, Any]:
    recording = worms.recordings[uid]
    return {
        **recording.extras,
        "X": np.ascontiguousarray(recording.x.T),
        "M": np.ascontiguousarray(recording.mask.T),
        "Bx": np.ascontiguousarray(worms.scaled_behavior(uid).T),
        "I": recording.identity,
        "uid": uid,
        "segments": np.array(recording.segments, np.int64).reshape(-1, 2),
    }
