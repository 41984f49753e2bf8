"""Recordings of worms as the arrays of a file with splits, which then pass the checks of every file."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from indl_vae.data.keys import FIELDS, SPLITS
from indl_vae.data.session import RawSession
from indl_vae.data.worms.divide_worms import divide_worms, fit_scalers
from indl_vae.data.worms.normalise import WormScalers
from indl_vae.data.worms.windows import WormWindows, cut_worms
from indl_vae.data.worms.worm_channels import WormChannels
from indl_vae.data.worms.worm_options import WormOptions
from indl_vae.data.worms.worm_set import WormSet


def worm_session(
    worms: WormSet,
    options: WormOptions | None = None,
    splits: Iterable[str] = SPLITS,
    source: str = "memory",
    sha256: str = "",
) -> RawSession:
    """Returns windows of the animals under the keys of a file with splits.

    Args:
        worms: The animals.
        options: How to divide and to cut them.
        splits: Splits that are wanted; "test" alone, and no share for it, makes all animals the test split.
        source: Where the animals are from.
        sha256: Checksum of the source.

    Raises:
        DataError: There are too few animals, or no window fits.
    """
    options = options or WormOptions()
    divided = divide_worms(worms, options, tuple(splits) == ("test",) and not options.test_frac)
    scalers = fit_scalers(worms, divided, options)
    if options.normalise != "none":
        divided = {name: scalers.apply(part) for name, part in divided.items()}
    windows = {
        name: cut_worms(part, options.window_T, options.stride, ignore_unlabeled=options.ignore_unlabeled)
        for name, part in divided.items()
    }
    width = max(one.x.shape[2] for one in windows.values())
    arrays, first = {}, 0
    for name, one in windows.items():
        arrays |= _arrays(name, one, worms.uids, width, first)
        first += len(one)
    dts = [recording.dt for recording in worms.recordings.values() if recording.dt is not None]
    seconds = float(np.median(dts)) if dts else None
    return RawSession(source, arrays, seconds, sha256, worms=_channels(worms, windows, scalers))


def _arrays(split: str, windows: WormWindows, uids: tuple[str, ...], width: int, first: int) -> dict[str, np.ndarray]:
    """Returns a split's windows, padded to `width` channels; `inds` count on from `first`."""
    room = width - windows.x.shape[2]
    numbers = np.array([uids.index(uid) for uid in windows.uids], np.int64)
    fields = {
        "x": np.pad(windows.x, [(0, 0), (0, 0), (0, room)]),
        "mask": np.pad(windows.mask, [(0, 0), (0, 0), (0, room)]),
        "ext_input": windows.behavior,
        "identity": np.pad(windows.identity, [(0, 0), (0, room)]),
        "sequence_id": numbers[windows.recording],
        "start": windows.starts,
        "inds": np.arange(first, first + len(windows)),
    }
    return {FIELDS[name].templates[0].format(split): array for name, array in fields.items()}


def _channels(worms: WormSet, windows: dict[str, WormWindows], scalers: WormScalers) -> WormChannels:
    neurons = {uid: chosen for one in windows.values() for uid, chosen in one.neurons.items()}
    return WormChannels(
        worms.uids,
        worms.labels,
        worms.behavior_names,
        worms.behavior_divisor,
        neurons,
        {uid: scalers.mean[uid][chosen] for uid, chosen in neurons.items()},
        {uid: scalers.std[uid][chosen] for uid, chosen in neurons.items()},
    )
