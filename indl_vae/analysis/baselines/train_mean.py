"""The baseline that knows only how active each channel is."""

from __future__ import annotations

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.observed import is_counts, observed_or_nan
from indl_vae.data.split import Split


class TrainMean:
    """Predicts, everywhere, a channel's mean over the observed entries of the training trials.

    A channel without a spike in training gets the rate of half a spike in all of training: a rate of 0 would make one
    later spike infinitely unlikely.

    Args:
        seed: Taken so that all baselines are made alike; nothing here is random.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def applies(self, train: Split, target: Split) -> bool:
        """Says whether this baseline can predict `target` after `train`: always."""
        return True

    def fit(self, train: Split, held_out: HeldOut | None = None) -> TrainMean:
        """Takes the means of `train`; held-out channels were recorded in training and are averaged as well."""
        self.means = channel_means(train)
        return self

    def predict(self, split: Split) -> np.ndarray:
        """Returns expected counts per bin `(B, T, N)`."""
        return np.broadcast_to(self.means, split.x.shape)


def channel_means(split: Split) -> np.ndarray:
    """Returns each channel's mean per bin `(N,)` over observed entries; for counts, at least half a spike over them."""
    x = observed_or_nan(split)
    n = np.maximum(np.isfinite(x).sum(axis=(0, 1)), 1)
    total = np.nansum(x, axis=(0, 1))
    return (np.maximum(total, 0.5) if is_counts(x) else total) / n
