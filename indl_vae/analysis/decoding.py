"""Behaviour decoded from features by cross-validated ridge regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from indl_vae.analysis.ridge import r2_per_column, ridge_path
from indl_vae.errors import ConfigError, DataError

#: Penalties tried, in units of the mean feature variance.
ALPHAS = tuple(10.0**power for power in range(-5, 2))


class Decoding(NamedTuple):
    """What a decoder achieved on the test trials.

    Attributes:
        r2: Mean over behaviour dimensions of R2 on the test trials.
        r2_per_dim: `(C,)` R2 of each dimension.
        alpha: Penalty chosen on the training trials.
        prediction: Decoded behaviour of the test trials, in the shape of `y_test`.
    """

    r2: float
    r2_per_dim: np.ndarray
    alpha: float
    prediction: np.ndarray


def decode_ridge(
    features_train: Any,
    y_train: Any,
    features_test: Any,
    y_test: Any,
    alphas: Sequence[float] = ALPHAS,
    folds: int = 5,
) -> Decoding:
    """Fits ridge regression on training trials, the penalty chosen by cross-validation there, and scores test trials.

    The test trials take no part in the choice. Row i along the first axis (a trial, or a sample of 2-D arrays) belongs
    to fold i modulo `folds`, so that the bins of one trial stay together. The measure is that of the Neural Latents
    Benchmark (Pei et al., 2021): R2 averaged over behaviour dimensions.

    Args:
        features_train: `(B, T, D)` or `(n, D)`.
        y_train: `(B, T, C)` or `(n, C)`; bins with a NaN are left out, in the test set as well.
        features_test: Features of the test trials.
        y_test: Behaviour of the test trials.
        alphas: Penalties to choose from, in units of the mean variance of the features.
        folds: Number of folds, at most the number of rows; with one row the middle penalty is taken.

    Raises:
        DataError: If the leading axes of features and behaviour differ, or a width differs between train and test.
        ConfigError: If `alphas` is empty or holds a negative number, or `folds` is under 2.
    """
    train = _pair("train", features_train, y_train)
    test = _pair("test", features_test, y_test)
    if train[0].shape[-1] != test[0].shape[-1] or train[1].shape[-1] != test[1].shape[-1]:
        raise DataError(
            f"decode_ridge: expected equal widths in train and test, got features {train[0].shape[-1]} and "
            f"{test[0].shape[-1]}, behaviour {train[1].shape[-1]} and {test[1].shape[-1]}."
        )
    if not alphas or min(alphas) < 0 or folds < 2:
        raise ConfigError(
            "decode_ridge: expected alphas of at least 0 (one or more) and folds of at least 2, got "
            f"alphas={tuple(alphas)!r}, folds={folds!r}."
        )
    alpha = _choose(*train, alphas, folds)
    prediction = ridge_path(*train, (alpha,))[0].predict(test[0])
    width = test[1].shape[-1]
    scores = r2_per_column(test[1].reshape(-1, width), prediction.reshape(-1, width))
    return Decoding(float(np.mean(scores)), scores, alpha, prediction)


def _pair(name: str, features: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(features, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if x.ndim < 2 or x.shape[:-1] != y.shape[:-1]:
        raise DataError(
            f"features_{name} and y_{name}: expected (trials, bins, width) or (samples, width) with equal leading "
            f"axes, got {x.shape} and {y.shape}."
        )
    return x, y


def _choose(features: np.ndarray, targets: np.ndarray, alphas: Sequence[float], folds: int) -> float:
    n_folds = min(folds, len(features))
    if n_folds < 2 or len(alphas) == 1:
        return float(sorted(alphas)[len(alphas) // 2])
    group = np.arange(len(features)) % n_folds
    width = targets.shape[-1]
    scores = np.zeros(len(alphas))
    for fold in range(n_folds):
        test = group == fold
        for index, fit in enumerate(ridge_path(features[~test], targets[~test], alphas)):
            guess = fit.predict(features[test]).reshape(-1, width)
            # Dimensions that do not move within a fold have no R2 there and say nothing about the penalty.
            scores[index] += np.nan_to_num(r2_per_column(targets[test].reshape(-1, width), guess)).mean()
    return float(alphas[int(scores.argmax())])
