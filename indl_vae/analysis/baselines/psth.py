"""The baseline that knows the condition of each trial: the peri-stimulus time histogram of the training trials."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from indl_vae.analysis.baselines.train_mean import channel_means
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.observed import is_counts, observed_or_nan
from indl_vae.data.split import Split
from indl_vae.errors import DataError
from indl_vae.numerics import RATE_FLOOR

#: Widths tried for the smoothing over time, in bins.
SIGMAS_BINS = (0.0, 1.0, 2.0, 4.0, 8.0)
#: The channel's mean counts as much as this many trials, so that empty bins keep a rate above 0.
PRIOR_TRIALS = 1.0
#: Every fifth trial of a condition is kept back to choose the width.
KEEP_BACK = 5


class ConditionPSTH:
    """Predicts the average of the training trials of the same condition, smoothed over time.

    It sees condition labels and training counts, and nothing of the trial it predicts. The width of the smoothing is
    chosen on training trials kept back, then all training trials are averaged. A condition that training does not hold
    gets the average over all trials.

    Args:
        seed: Taken so that all baselines are made alike; nothing here is random.

    Attributes:
        sigma_bins: The chosen width in bins.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def applies(self, train: Split, target: Split) -> bool:
        """Says whether both splits have condition labels and trials of one length."""
        return train.condition is not None and target.condition is not None and train.n_bins == target.n_bins

    def fit(self, train: Split, held_out: HeldOut | None = None) -> ConditionPSTH:
        """Averages the training trials of each condition.

        Raises:
            DataError: If `train` has no condition labels.
        """
        if train.condition is None:
            raise DataError(
                "ConditionPSTH: expected train.condition, one label per trial, got None; the file has no labels."
            )
        self.labels = np.unique(train.condition)
        self.means = channel_means(train)
        x, rank = observed_or_nan(train), self._rank(train.condition)
        self._counts = is_counts(x)
        self.sigma_bins = self._choose(x, rank)
        self.rates = self._smoothed(*self._sums(x, rank), self.sigma_bins)
        return self

    def predict(self, split: Split) -> np.ndarray:
        """Returns expected counts per bin `(B, T, N)`.

        Raises:
            DataError: If `split` has no condition labels.
        """
        if split.condition is None:
            raise DataError(f"ConditionPSTH: expected {split.name}.condition, one label per trial, got None.")
        return self.rates[self._rank(split.condition)]

    def _rank(self, condition: np.ndarray) -> np.ndarray:
        rank = np.searchsorted(self.labels, condition).clip(max=len(self.labels) - 1)
        return np.where(self.labels[rank] == condition, rank, len(self.labels))

    def _sums(self, x: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns sum and number of observations, `(K + 1, T, N)`: of each condition, and last of all trials."""
        total = np.zeros((len(self.labels) + 1, *x.shape[1:]))
        n = np.zeros_like(total)
        np.add.at(total, rank, np.nan_to_num(x))
        np.add.at(n, rank, np.isfinite(x))
        total[-1], n[-1] = total.sum(axis=0), n.sum(axis=0)
        return total, n

    def _smoothed(self, total: np.ndarray, n: np.ndarray, sigma: float) -> np.ndarray:
        """Returns averages `(K + 1, T, N)`, smoothed over time and drawn to the channel's mean."""
        if sigma > 0:
            total = gaussian_filter1d(total, sigma, axis=1, mode="constant")
            n = gaussian_filter1d(n, sigma, axis=1, mode="constant")
        return (total + PRIOR_TRIALS * self.means) / (n + PRIOR_TRIALS)

    def _choose(self, x: np.ndarray, rank: np.ndarray) -> float:
        order = np.argsort(rank, kind="stable")
        back = np.zeros(len(rank), dtype=bool)
        back[order[KEEP_BACK - 1 :: KEEP_BACK]] = True
        if not back.any():
            return SIGMAS_BINS[2]
        sums = self._sums(x[~back], rank[~back])
        losses = [self._loss(x[back], self._smoothed(*sums, sigma)[rank[back]]) for sigma in SIGMAS_BINS]
        return SIGMAS_BINS[int(np.nanargmin(losses))]

    def _loss(self, x: np.ndarray, rates: np.ndarray) -> float:
        if not self._counts:
            return float(np.nanmean((x - rates) ** 2))
        return float(np.nanmean(rates - x * np.log(np.maximum(rates, RATE_FLOOR))))
