"""Recordings of worms as a Dataset: windows of animals to train, to validate and to test on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indl_vae.data import Dataset
from indl_vae.data.worms import WormSet, WormWindows, cut_worms, split_animals


def worm_dataset(
    worms: WormSet,
    window_T: int = 200,
    stride: int = 50,
    *,
    val_frac: float = 0.2,
    test_frac: float = 0.2,
    seed: int = 0,
    bin_width_s: float | None = None,
) -> Dataset:
    """Returns windows of animals that are each in one split as a whole.

    Args:
        worms: The animals.
        window_T: Frames of a window.
        stride: Frames from window to window.
        val_frac: Share of the animals to validate on.
        test_frac: Share of the animals to test on.
        seed: Of the draw.
        bin_width_s: Seconds from frame to frame.

    Returns:
        The data set; extras of a split are sequence_id, the animal's place in `worms.uids`, and start, its first frame.
    """
    rest, test = split_animals(worms.uids, test_frac, seed)
    train, valid = split_animals(rest, val_frac / (1.0 - test_frac), seed)
    cut = {
        name: cut_worms(worms.take(sorted(uids)), window_T, stride)
        for name, uids in (("train", train), ("valid", valid), ("test", test))
    }
    widest = max(windows.x.shape[2] for windows in cut.values())
    arrays = {name: _arrays(windows, worms, widest) for name, windows in cut.items()}
    data = Dataset.from_arrays(**arrays, likelihood="gaussian", bin_width_s=bin_width_s)
    starts = {
        name: replace(split, extras={**split.extras, "start": cut[name].starts}) for name, split in data.splits.items()
    }
    return replace(data, **starts)


def _arrays(windows: WormWindows, worms: WormSet, n_channels: int) -> dict[str, np.ndarray]:
    more = [(0, 0), (0, 0), (0, n_channels - windows.x.shape[2])]
    return {
        "x": np.pad(windows.x, more),
        "mask": np.pad(windows.mask, more),
        "identity": np.pad(windows.identity, more[1:]),
        "ext_input": windows.behavior,
        "sequence_id": np.array([worms.uids.index(windows.uids[number]) for number in windows.recording]),
    }
