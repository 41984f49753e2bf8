"""The benchmark's PSTH score: averages of inferred rates over a condition's trials against the measured PSTH."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indl_vae.analysis.nlb.r2 import mean_r2
from indl_vae.errors import DataError


def psth_r2(
    psth: np.ndarray,
    rates: np.ndarray,
    cond_idx: Sequence[np.ndarray] | None = None,
    jitter: np.ndarray | None = None,
) -> float:
    """Returns R2 of PSTHs, averaged over channels, over all conditions and bins together.

    Args:
        psth: `(K, T, N)`, one PSTH a condition, NaN in bins that are not scored. Target files of 2021 hold `(B * T, N)`
            instead, the PSTH of each trial's condition; then the rates of single trials are scored, without `cond_idx`.
        rates: `(B, T, N)` inferred rates of the evaluated trials.
        cond_idx: Numbers of the evaluated trials of each condition; a condition without trials is left out.
        jitter: `(B,)` bins by which each trial's window began too early: its rates move to later bins by so many.

    Raises:
        DataError: Shapes do not fit together, a trial does not exist, no condition has a trial, or a scored bin is one
            that jitter moves out of a trial.
    """
    psth, rates = np.asarray(psth, np.float64), np.asarray(rates, np.float64)
    if psth.ndim == 2:
        true, predicted = psth, rates.reshape(-1, rates.shape[-1])
        if true.shape != predicted.shape:
            raise DataError(f"psth: has shape {true.shape}, expected (trials * bins, channels), {predicted.shape}.")
        scored = ~np.isnan(true[:, 0])
        return mean_r2(true[scored], predicted[scored])
    trials = _trials(psth, rates, cond_idx)
    moved = rates if jitter is None else _moved(rates, np.asarray(jitter))
    pairs = [_condition(psth[k], moved[chosen].mean(axis=0), k) for k, chosen in enumerate(trials) if len(chosen)]
    if not pairs:
        raise DataError("eval_cond_idx: no condition has an evaluated trial; expected one at least.")
    return mean_r2(*(np.concatenate(column) for column in zip(*pairs, strict=True)))


def _trials(psth: np.ndarray, rates: np.ndarray, cond_idx: Sequence[np.ndarray] | None) -> list[np.ndarray]:
    if psth.ndim != 3 or psth.shape[1:] != rates.shape[1:]:
        raise DataError(
            f"psth: has shape {psth.shape}, expected (conditions, bins, channels) with the bins and channels of the "
            f"rates, {rates.shape[1:]}, held-in channels first."
        )
    if cond_idx is None or len(cond_idx) != len(psth):
        found = "missing" if cond_idx is None else f"{len(cond_idx)} conditions"
        raise DataError(f"eval_cond_idx: {found}, expected the trials of each of the {len(psth)} conditions of psth.")
    trials = [np.asarray(chosen, np.int64).reshape(-1) for chosen in cond_idx]
    for k, chosen in enumerate(trials):
        if len(chosen) and not (chosen.min() >= 0 and chosen.max() < len(rates)):
            raise DataError(f"eval_cond_idx: condition {k} names trial {chosen.max()} of {len(rates)} (from 0).")
    return trials


def _moved(rates: np.ndarray, jitter: np.ndarray) -> np.ndarray:
    if jitter.shape != (len(rates),):
        raise DataError(f"eval_jitter: has shape {jitter.shape}, expected ({len(rates)},), one number a trial.")
    moved, n_bins = np.full_like(rates, np.nan), rates.shape[1]
    for trial, shift in enumerate(jitter.astype(np.int64)):
        if abs(shift) < n_bins:
            moved[trial, max(shift, 0) : n_bins + min(shift, 0)] = rates[trial, max(-shift, 0) : n_bins - max(shift, 0)]
    return moved


def _condition(psth: np.ndarray, predicted: np.ndarray, condition: int) -> tuple[np.ndarray, np.ndarray]:
    scored = ~np.isnan(psth[:, 0])
    if np.isnan(predicted[scored]).any():
        raise DataError(f"eval_jitter: condition {condition} has scored bins for which a trial has no rates any more.")
    return psth[scored], predicted[scored]
