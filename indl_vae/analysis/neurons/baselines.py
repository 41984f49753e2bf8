"""What hidden neurons are told by regression, beside which a model is judged. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from indl_vae.analysis.neurons.available_ridge import AvailableRidge
from indl_vae.analysis.neurons.by_identity import ByIdentity, class_r2
from indl_vae.analysis.neurons.features import Features, features_of

ALPHAS = tuple(np.geomspace(1e-3, 1e2, 11))
LAGS = (0, 1)
#: Predictors of each baseline: neurons, behaviour.
KINDS = {"ridge_behavior": (False, True), "ridge_neurons": (True, False), "ridge_both": (True, True)}


class _Tried(NamedTuple):
    ridge: AvailableRidge
    valid: Features
    judged: Features


def baselines(
    train: ByIdentity,
    valid: ByIdentity,
    judged: ByIdentity,
    groups: Sequence[np.ndarray],
    alphas: Sequence[float] = ALPHAS,
    lags: Sequence[int] = LAGS,
) -> dict[str, np.ndarray]:
    """Returns predictions `(B, T, C)` of each baseline by name, NaN where a class is in no group.

    Every group is predicted from what a model is told: neurons of the window that are identified and in another group,
    behaviour, or both. Penalty and lags are those with the best mean R2 over classes in `valid`.

    Args:
        train: Windows that regressions are fitted on, nothing hidden.
        valid: Windows that penalty and lags are chosen on.
        judged: Windows whose neurons are predicted.
        groups: Identities hidden at a time.
        alphas: Penalties that are tried.
        lags: Numbers of bins before and after a bin whose neurons predict it too.
    """
    every = np.concatenate(groups) - 1
    count = np.maximum(train.seen.sum((0, 1)), 1)
    constant = np.full(judged.values.shape, np.nan)
    constant[..., every] = (train.values.sum((0, 1), dtype=np.float64) / count)[every]
    found = {"class_mean": constant}
    for name, (neurons, behavior) in KINDS.items():
        if not behavior or train.behavior.shape[2]:
            tried = [_fitted(train, valid, judged, lag, neurons, behavior) for lag in (lags if neurons else (0,))]
            found[name] = _best(tried, valid, judged, groups, alphas)
    return found


def _fitted(
    train: ByIdentity, valid: ByIdentity, judged: ByIdentity, lag: int, neurons: bool, behavior: bool
) -> _Tried:
    ridge = AvailableRidge.fit(features_of(train, lag, neurons, behavior), train.values, train.seen)
    return _Tried(ridge, *(features_of(windows, lag, neurons, behavior) for windows in (valid, judged)))


def _best(
    tried: Sequence[_Tried],
    valid: ByIdentity,
    judged: ByIdentity,
    groups: Sequence[np.ndarray],
    alphas: Sequence[float],
) -> np.ndarray:
    prediction = np.full(judged.values.shape, np.nan)
    for group in groups:
        chosen, best = tried[0], (-np.inf, alphas[0])
        for one in tried:
            for alpha, guess in zip(alphas, _predict(one.ridge, one.valid, valid, group, alphas), strict=True):
                scores = class_r2(valid.values[..., group - 1], guess, valid.seen[..., group - 1])
                score = float(np.nanmean(scores)) if np.isfinite(scores).any() else -np.inf
                if score > best[0]:
                    chosen, best = one, (score, alpha)
        [prediction[..., group - 1]] = _predict(chosen.ridge, chosen.judged, judged, group, best[1:])
    return prediction


def _predict(
    ridge: AvailableRidge, features: Features, windows: ByIdentity, group: np.ndarray, alphas: Sequence[float]
) -> np.ndarray:
    """Returns `(alphas, B, T, M)`: windows with the same neurons share a regression."""
    found = np.empty((len(alphas), *windows.values.shape[:2], len(group)))
    patterns, rows = np.unique(windows.recorded, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        told = np.concatenate([[True], pattern])  # behaviour, source 0, is always there
        told[group] = False
        same = np.flatnonzero(rows.reshape(-1) == number)
        part = features._replace(values=features.values[same], seen=features.seen[same])
        for place, guess in enumerate(ridge.predict(part, told[features.source], group - 1, alphas)):
            found[place, same] = guess
    return found
