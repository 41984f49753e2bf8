"""What the smoothing baseline sees: standardised logs of smoothed counts of the seen channels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.analysis.baselines.poisson_glm import Design
from indl_vae.analysis.smoothing import smoothed_rates

#: Log features are log(smoothed + this share of the channel's mean): it bounds the log of a silent stretch.
OFFSET_SHARE = 0.3


class Trials(NamedTuple):
    """Counts `(B, T, N)` (0 where there is none) and which of them were observed `(B, T, N)`."""

    x: np.ndarray
    observed: np.ndarray

    def take(self, trials: np.ndarray | slice) -> Trials:
        """Returns some of the trials."""
        return Trials(self.x[trials], self.observed[trials])


class SmoothedFeatures:
    """Log of Gaussian-smoothed counts per bin, standardised by the trials it was made from.

    Args:
        trials: Training trials.
        sigma_bins: Standard deviation of the Gaussian in bins.
        sources: `(F,)` numbers of the channels that may be seen.
        n_late: Number of bins, at the end of each trial, that may not be seen.
        means: `(N,)` mean counts per bin of training, used where nothing was observed.
    """

    def __init__(self, trials: Trials, sigma_bins: float, sources: np.ndarray, n_late: int, means: np.ndarray) -> None:
        self.sigma_bins = sigma_bins
        self.sources = sources
        self.n_late = n_late
        self.means = means[sources]
        features = self._logs(trials, leave_out_centre=False)
        self._centre = features.mean(axis=(0, 1))
        self._scale = np.maximum(features.std(axis=(0, 1)), 1e-6)

    def design(self, trials: Trials) -> Design:
        """Returns the features of every seen bin, `(B x bins, F)`, and each channel's own without the bin itself."""
        shared, own = self._logs(trials, leave_out_centre=False), self._logs(trials, leave_out_centre=True)
        return Design(self._standard(shared), self._standard(own))

    def last(self, trials: Trials) -> Design:
        """Returns the features of the last seen bin, `(B, F)`."""
        return Design(self._standard(self._logs(trials, leave_out_centre=False)[:, -1:]))

    def _logs(self, trials: Trials, leave_out_centre: bool) -> np.ndarray:
        n_seen = trials.x.shape[1] - self.n_late
        smooth = smoothed_rates(
            trials.x[:, :n_seen, self.sources],
            self.sigma_bins,
            observed=trials.observed[:, :n_seen, self.sources],
            leave_out_centre=leave_out_centre,
            fill=self.means,
        )
        return np.log(np.maximum(smooth, 0.0) + OFFSET_SHARE * self.means)

    def _standard(self, features: np.ndarray) -> np.ndarray:
        return ((features - self._centre) / self._scale).reshape(-1, len(self.sources)).astype(np.float32)
