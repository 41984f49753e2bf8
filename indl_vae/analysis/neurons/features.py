"""What a regression is told of a bin: neurons around it, and behaviour averaged over time. NumPy only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indl_vae.analysis.neurons.by_identity import ByIdentity

#: Bins over which behaviour before, and after, a bin is averaged by exponential weights.
SPANS = (2.0, 8.0, 32.0)


class Features(NamedTuple):
    """Predictors of each bin.

    Attributes:
        values: `(B, T, F)`: 0 where not seen.
        seen: `(B, T, F)` bool.
        source: `(F,)`: the identity that a predictor is of, 0 for behaviour.
    """

    values: np.ndarray
    seen: np.ndarray
    source: np.ndarray


def features_of(windows: ByIdentity, lags: int, neurons: bool = True, behavior: bool = True) -> Features:
    """Returns predictors; the first C are the neurons in the bin itself, where neurons are wanted.

    Args:
        windows: The windows.
        lags: Bins before and after a bin whose neurons predict it too; behaviour is averaged over `SPANS` instead.
        neurons: Whether neurons are predictors.
        behavior: Whether behaviour is.
    """
    values, seen, source = [], [], []
    if neurons:
        ids = np.arange(1, windows.values.shape[2] + 1)
        for lag in sorted(range(-lags, lags + 1), key=abs):
            values.append(_shifted(windows.values, lag))
            seen.append(_shifted(windows.seen, lag))
            source.append(ids)
    if behavior and windows.behavior.shape[2]:
        told = _over_time(windows.behavior)
        values.append(told)
        seen.append(np.ones(told.shape, bool))
        source.append(np.zeros(told.shape[2], int))
    return Features(np.concatenate(values, -1), np.concatenate(seen, -1), np.concatenate(source))


def _shifted(array: np.ndarray, lag: int) -> np.ndarray:
    """Returns what was `lag` bins before each bin; nothing beyond the window."""
    found = np.zeros_like(array)
    size = array.shape[1]
    if abs(lag) < size:
        found[:, max(lag, 0) : size + min(lag, 0)] = array[:, max(-lag, 0) : size - max(lag, 0)]
    return found


def _over_time(behavior: np.ndarray) -> np.ndarray:
    """Returns behaviour in the bin, and its averages over the past and over the future, `(B, T, U (1 + 2 spans))`."""
    parts = [behavior]
    for span in SPANS:
        parts += [_average(behavior, span), _average(behavior[:, ::-1], span)[:, ::-1]]
    return np.concatenate(parts, -1).astype(np.float32)


def _average(behavior: np.ndarray, span: float) -> np.ndarray:
    """Returns the average up to each bin with weights `exp(-age / span)`, which add up to 1 from the first bin on."""
    keep, found = np.exp(-1.0 / span), np.zeros(behavior.shape)
    total, weight = np.zeros(behavior[:, 0].shape), 0.0
    for t in range(behavior.shape[1]):
        total, weight = keep * total + behavior[:, t], keep * weight + 1.0
        found[:, t] = total / weight
    return found
