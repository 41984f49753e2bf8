"""What an encoder may look at when channels and bins are held out (co-smoothing, forward prediction)."""

from __future__ import annotations

import numpy as np

from indl_vae.errors import ConfigError


def encoder_mask(n_bins: int, n_channels: int, heldout_channels: np.ndarray, heldout_bins: int = 0) -> np.ndarray:
    """Returns `(T, N)` float32: 1 where the encoder may look, 0 for held-out channels and for the last held-out bins.

    Raises:
        ConfigError: The held-out bins leave none to encode.
    """
    if not 0 <= heldout_bins < n_bins:
        raise ConfigError(f"heldout_bins: {heldout_bins}, expected 0 to {n_bins - 1} for {n_bins} bins.")
    mask = np.ones((n_bins, n_channels), np.float32)
    mask[:, heldout_channels] = 0.0
    mask[n_bins - heldout_bins :] = 0.0
    return mask
