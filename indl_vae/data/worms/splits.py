"""Which animals, or which frames, validate."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import ConfigError, DataError


def split_animals(uids: Iterable[str], val_frac: float = 0.2, seed: int = 0) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Draws animals to validate on: those that CeNeuroVAE draws by the same seed.

    Args:
        uids: Names of the animals, in any order.
        val_frac: Share to validate on, rounded to whole animals, at least one.
        seed: Seed of the draw.

    Returns:
        Names to train on and names to validate on.

    Raises:
        ConfigError: The share is not between 0 and 1.
        DataError: A name occurs twice, or no animal is left to train on.
    """
    _check_share(val_frac)
    names = sorted(uids)
    if len(set(names)) < len(names):
        raise DataError("uids: a name occurs twice, expected every animal once.")
    n_val = max(1, round(val_frac * len(names)))
    if n_val >= len(names):
        raise DataError(
            f"uids: {len(names)} animals, of which {n_val} would validate; expected at least one more to train on. "
            "With one animal, split its time: split_time."
        )
    random.Random(seed).shuffle(names)
    return tuple(names[n_val:]), tuple(names[:n_val])


def split_time(worms: WormSet, val_frac: float = 0.2, gap: int = 100) -> tuple[WormSet, WormSet]:
    """Divides every recording: its first part trains, its last part validates.

    Recordings stay whole; their segments are narrowed, which windows and scalers stay within.

    Args:
        worms: The animals.
        val_frac: Share of a recording's frames to validate on.
        gap: Frames before the part that validates that are used for neither.

    Returns:
        The set to train on and the set to validate on, of the same animals.

    Raises:
        ConfigError: The share is not between 0 and 1, or the gap is below 0.
    """
    _check_share(val_frac)
    if gap < 0:
        raise ConfigError(f"gap: {gap!r}, expected a number of frames from 0 up.")
    train, valid = {}, {}
    for uid, recording in worms.recordings.items():
        cut = recording.n_frames - round(val_frac * recording.n_frames)
        train[uid] = replace(recording, segments=_within(recording.segments, 0, cut - gap))
        valid[uid] = replace(recording, segments=_within(recording.segments, cut, recording.n_frames))
    return replace(worms, recordings=train), replace(worms, recordings=valid)


def _within(segments: Iterable[tuple[int, int]], low: int, high: int) -> tuple[tuple[int, int], ...]:
    """Returns what of the segments lies in frames low to high."""
    narrowed = ((max(start, low), min(stop, high)) for start, stop in segments)
    return tuple((start, stop) for start, stop in narrowed if start < stop)


def _check_share(val_frac: float) -> None:
    if not 0.0 < val_frac < 1.0:
        raise ConfigError(f"val_frac: {val_frac!r}, expected a share between 0 and 1.")
