"""The benchmark's behavioural score: velocity decoded from rates by ridge regression."""

from __future__ import annotations

import numpy as np

from indl_vae.analysis.nlb.r2 import mean_r2
from indl_vae.analysis.ridge import Ridge, ridge_path
from indl_vae.errors import DataError

#: Penalties on the sum of squared weights beside the sum of squared errors, as scikit-learn's Ridge counts them.
ALPHAS = tuple(10.0 ** (power / 2) for power in range(-8, 1))
FOLDS = 5


def velocity_r2(
    train_rates: np.ndarray,
    train_behavior: np.ndarray,
    eval_rates: np.ndarray,
    eval_behavior: np.ndarray,
    train_mask: np.ndarray | None = None,
    eval_mask: np.ndarray | None = None,
) -> float:
    """Returns R2 of behaviour decoded from rates, averaged over dimensions and over groups of trials.

    A decoder is fitted for each group of trials on all bins of its training trials. The penalty is one of nine from
    10^-4 to 1, evenly spaced in their logarithms, chosen by the R2 of five-fold cross-validation whose folds are
    successive stretches of bins (nlb_tools: scikit-learn's Ridge in a GridSearchCV).

    Args:
        train_rates: `(B, T, N)`.
        train_behavior: `(B, T, C)`; bins with NaN are left out.
        eval_rates: `(B', T, N)`.
        eval_behavior: `(B', T, C)`; bins with NaN are left out.
        train_mask: `(B, G)`, 1 for the training trials of each group; None is one group of all.
        eval_mask: `(B', G)` likewise.

    Raises:
        DataError: Shapes do not fit together, or a group has fewer than five bins to fit or two to score.
    """
    _check(train_rates, train_behavior, "train")
    _check(eval_rates, eval_behavior, "eval")
    masks = [
        _mask(mask, len(rates), role)
        for mask, rates, role in (
            (train_mask, train_rates, "train"),
            (eval_mask, eval_rates, "eval"),
        )
    ]
    if masks[0].shape[1] != masks[1].shape[1] or train_behavior.shape[2] != eval_behavior.shape[2]:
        raise DataError(
            f"train and eval: expected equal groups and behaviour dimensions, got decode masks {masks[0].shape} and "
            f"{masks[1].shape}, behaviour {train_behavior.shape} and {eval_behavior.shape}."
        )
    scores = []
    for group in range(masks[0].shape[1]):
        train, test = masks[0][:, group], masks[1][:, group]
        fitted = fit_decoder(*_rows(train_rates[train], train_behavior[train], FOLDS, f"train, group {group}"))
        rates, behavior = _rows(eval_rates[test], eval_behavior[test], 2, f"eval, group {group}")
        scores.append(mean_r2(behavior, fitted.predict(rates)))
    return float(np.mean(scores))


def fit_decoder(features: np.ndarray, targets: np.ndarray) -> Ridge:
    """Returns the ridge regression of `(n, C)` on `(n, N)` with the best cross-validated penalty of `ALPHAS`."""
    scores = np.zeros(len(ALPHAS))
    for fold in np.array_split(np.arange(len(features)), FOLDS):
        kept = np.ones(len(features), bool)
        kept[fold] = False
        fits = _fits(features[kept], targets[kept], ALPHAS)
        scores += [mean_r2(targets[fold], fit.predict(features[fold])) for fit in fits]
    return _fits(features, targets, (ALPHAS[int(scores.argmax())],))[0]


def _fits(features: np.ndarray, targets: np.ndarray, alphas: tuple[float, ...]) -> list[Ridge]:
    # ridge_path takes means over rows and penalties in units of the mean variance: the same fit in another unit.
    unit = len(features) * float(features.var(axis=0).mean())
    return ridge_path(features, targets, [alpha / unit if unit > 0 else alpha for alpha in alphas])


def _rows(rates: np.ndarray, behavior: np.ndarray, least: int, place: str) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(behavior).all(axis=-1)
    if int(known.sum()) < least:
        raise DataError(f"{place}: {int(known.sum())} bins with behaviour, expected at least {least}.")
    return rates[known], behavior[known]


def _check(rates: np.ndarray, behavior: np.ndarray, role: str) -> None:
    if behavior.ndim != 3 or rates.ndim != 3 or behavior.shape[:2] != rates.shape[:2]:
        raise DataError(
            f"{role}_behavior: has shape {behavior.shape}, expected the trials and bins of the {role} rates, "
            f"{rates.shape[:2]}, and its dimensions."
        )


def _mask(mask: np.ndarray | None, n_trials: int, role: str) -> np.ndarray:
    found = np.ones((n_trials, 1), bool) if mask is None else np.asarray(mask) > 0
    if found.ndim != 2 or len(found) != n_trials:
        raise DataError(f"{role}_decode_mask: has shape {found.shape}, expected ({n_trials}, groups).")
    return found
