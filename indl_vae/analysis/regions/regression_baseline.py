"""Channels predicted from the others by reduced-rank regression: what a model of regions is judged beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from indl_vae.analysis.reduced_rank import ReducedRank, reduced_rank_regression
from indl_vae.analysis.regions.co_smoothing import CoSmoothing, channel_r2
from indl_vae.data.split import Split
from indl_vae.errors import ConfigError

RANKS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
ALPHAS = tuple(np.geomspace(1e-3, 1e2, 11))


class RegressionBaseline(NamedTuple):
    """Regression of some channels on all others, chosen on validation trials.

    Attributes:
        fit: The regression.
        lags: Bins before and after that it sees besides, from which it predicts.
        channels: Numbers of the channels that it predicts.
        valid_r2: Pooled R2 of the validation trials.
    """

    fit: ReducedRank
    lags: int
    channels: np.ndarray
    valid_r2: float

    def co_smoothing(self, split: Split) -> CoSmoothing:
        """Returns predictions and R2 on a split, as `co_smoothing` does for a model."""
        prediction = self.fit.predict(_features(split, self.channels, self.lags))
        mask = None if split.mask is None else split.mask[..., self.channels]
        return CoSmoothing(self.channels, prediction, *channel_r2(split.x[..., self.channels], prediction, mask))


def regression_baseline(
    train: Split,
    valid: Split,
    channels: Sequence[int],
    ranks: Sequence[int] = RANKS,
    alphas: Sequence[float] = ALPHAS,
    lags: Sequence[int] = (0, 1),
) -> RegressionBaseline:
    """Fits reduced-rank regressions on training trials and returns the one that predicts validation trials best.

    Bins of padding and missing entries play no part as targets; as predictors, missing entries are 0.

    Args:
        train: Trials to fit.
        valid: Trials to choose rank, penalty and lags on, by pooled R2.
        channels: Channels to predict from all others.
        ranks: Ranks that are tried.
        alphas: Penalties that are tried.
        lags: Numbers of bins before and after a bin whose values predict it too.

    Raises:
        ConfigError: No channel is given, or all are.
    """
    chosen = np.asarray(channels, int)
    if not 0 < len(chosen) < train.n_channels:
        raise ConfigError(f"channels: expected some of {train.n_channels}, but not all, got {len(chosen)}.")
    targets = train.x[..., chosen].astype(np.float64)
    if train.mask is not None:
        targets = np.where(train.mask[..., chosen] > 0, targets, np.nan)
    tried = []
    for lag in lags:
        for fit in reduced_rank_regression(_features(train, chosen, lag), targets, ranks, alphas):
            one = RegressionBaseline(fit, lag, chosen, float("nan"))
            tried.append(one._replace(valid_r2=one.co_smoothing(valid).pooled_r2))
    return max(tried, key=lambda one: one.valid_r2)


def _features(split: Split, channels: np.ndarray, lags: int) -> np.ndarray:
    """Returns the other channels of a bin and of those around it, `(B, T, F)`; zeros beyond the trial."""
    x = np.where(split.mask > 0, split.x, 0.0) if split.mask is not None else split.x
    others = np.delete(x, channels, axis=-1).astype(np.float64)
    padded = np.pad(others, [(0, 0), (lags, lags), (0, 0)])
    return np.concatenate([padded[:, i : i + others.shape[1]] for i in range(2 * lags + 1)], -1)
