"""Which entries of a split were observed (not masked, not padding, finite), and whether they are counts."""

from __future__ import annotations

import numpy as np

from indl_vae.data.split import Split


def observed_entries(split: Split) -> np.ndarray:
    """Returns `(B, T, N)` booleans: True where `split.x` holds an observation that may be scored."""
    observed = np.isfinite(split.x)
    if split.mask is not None:
        observed &= split.mask > 0
    if split.lengths is not None:
        observed &= (np.arange(split.n_bins) < split.lengths[:, None])[:, :, None]
    return observed


def observed_or_nan(split: Split) -> np.ndarray:
    """Returns `(B, T, N)` float64: the observations, NaN where there is none."""
    return np.where(observed_entries(split), split.x, np.nan).astype(np.float64)


def is_counts(data: np.ndarray) -> bool:
    """Says whether every finite entry is a whole number of at least zero."""
    values = data[np.isfinite(data)]
    return bool(np.all(values >= 0) and np.all(values == np.round(values)))
