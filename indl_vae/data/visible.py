"""Which entries of a trial the encoder may see: a fixed random share stays hidden, to be predicted and scored."""

from __future__ import annotations

import numpy as np

from indl_vae.errors import ConfigError


def visible_mask(inds: np.ndarray, n_bins: int, n_channels: int, rate: float, seed: int = 0) -> np.ndarray:
    """Returns the entries that stay visible.

    A trial's mask depends on the seed and on the trial's number alone (a counter-based generator keyed by both), so it
    is the same in every batch, order, epoch and process; a longer padding leaves the earlier bins as they were.

    Args:
        inds: Trial numbers `(B,)`, not negative.
        n_bins: Number of bins T.
        n_channels: Number of channels N.
        rate: Share of entries to hide, 0 <= rate < 1.
        seed: Seed of the masks.

    Returns:
        `(B, T, N)` booleans, False = hidden from the encoder.

    Raises:
        ConfigError: The rate is not in [0, 1).
    """
    if not 0.0 <= rate < 1.0:
        raise ConfigError(f"hidden_rate: {rate!r}, expected a share from 0 up to, not including, 1; 0.1 is usual.")
    mask = np.empty((len(inds), n_bins, n_channels), bool)
    for row, ind in zip(mask, inds, strict=True):
        key = np.array([int(seed) & 0xFFFFFFFFFFFFFFFF, int(ind)], np.uint64)
        row[:] = np.random.Generator(np.random.Philox(key=key)).random((n_bins, n_channels)) >= rate
    return mask
