"""The interval of teacher forcing, read from the data."""

from __future__ import annotations

import keras
import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.layers import ForcedRollout

#: Longest lag that is looked at, cells of the histogram of mutual information, and most bins that are read.
MAX_LAG, CELLS, MOST_BINS = 100, 64, 100_000


def set_forcing_interval(core: keras.Model, dataset: Dataset) -> None:
    """Tells a core's forced roll-outs, where they were not told an interval, the one that the training data ask for."""
    layers = [one for one in core.layers if isinstance(one, ForcedRollout) and one.interval is None]
    for layer in layers:
        layer.period.assign(float(forcing_interval(*_trials(dataset))))


def forcing_interval(x: np.ndarray, lengths: np.ndarray | None = None) -> int:
    """Returns the bins after which a trajectory has forgotten where it was (Brenner, Hess et al. 2022, appendix).

    Of each channel the smaller of two lags: that at which its autocorrelation has its first local minimum or has fallen
    to 1/e, whichever is first, and that of the first local minimum of its mutual information with itself, later; of
    the channels the median.

    Args:
        x: Trials `(B, T, N)`.
        lengths: Bins of each trial, `(B,)`; None for all.
    """
    lengths = np.full(len(x), x.shape[1]) if lengths is None else np.asarray(lengths)
    trials = [trial[:length].astype(np.float64) for trial, length in zip(x, lengths, strict=True)]
    most = max(1, min(MAX_LAG, max(map(len, trials)) - 2))
    lags = [_lag_of_channel([trial[:, c] for trial in trials], most) for c in range(x.shape[-1])]
    return max(1, round(float(np.median(lags))))


def _lag_of_channel(series: list[np.ndarray], most: int) -> int:
    pairs = [_pairs(series, lag) for lag in range(most + 1)]
    correlation = np.array([_correlation(*pair) for pair in pairs])
    below = np.flatnonzero(correlation <= 1.0 / np.e)
    decayed = int(below[0]) if len(below) else most
    information = np.array([_mutual_information(*pair) for pair in pairs])
    return max(1, min(decayed, _first_minimum(correlation, most), _first_minimum(information, most)))


def _pairs(series: list[np.ndarray], lag: int) -> tuple[np.ndarray, np.ndarray]:
    long_enough = [one for one in series if len(one) > lag]
    return np.concatenate([one[: len(one) - lag] for one in long_enough]), np.concatenate(
        [one[lag:] for one in long_enough]
    )


def _correlation(now: np.ndarray, later: np.ndarray) -> float:
    spread = now.std() * later.std()
    return 0.0 if spread == 0.0 else float(((now - now.mean()) * (later - later.mean())).mean() / spread)


def _mutual_information(now: np.ndarray, later: np.ndarray) -> float:
    joint = np.histogram2d(now, later, bins=CELLS)[0] / len(now)
    apart = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    there = joint > 0
    return float((joint[there] * np.log(joint[there] / apart[there])).sum())


def _first_minimum(values: np.ndarray, otherwise: int) -> int:
    inner = np.flatnonzero((values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:]))
    return int(inner[0]) + 1 if len(inner) else otherwise


def _trials(dataset: Dataset) -> tuple[np.ndarray, np.ndarray | None]:
    split = dataset.train
    x = split.x if split.mask is None else np.where(split.mask > 0, split.x, 0.0)
    few = max(1, MOST_BINS // split.n_bins)
    return x[:few], None if split.lengths is None else split.lengths[:few]
