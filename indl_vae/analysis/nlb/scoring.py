"""Scores of a submission against a target, under the names that the benchmark gives them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from indl_vae.analysis.metrics import bits_per_spike
from indl_vae.analysis.nlb.interval import interval_correlation
from indl_vae.analysis.nlb.names import INTERVAL_DATASET, dataset_of
from indl_vae.analysis.nlb.psth import psth_r2
from indl_vae.analysis.nlb.rates import check_submission
from indl_vae.analysis.nlb.velocity import velocity_r2
from indl_vae.errors import DataError

#: What each score is. "tp corr" is that of dmfc_rsg, "vel R2" that of all others.
SCORES = {
    "co-bps": "bits per spike of the held-out channels, higher is better",
    "vel R2": "R2 of behaviour decoded from the rates, at most 1",
    "tp corr": "correlation of neural speed with the produced interval, -1 is best",
    "psth R2": "R2 of condition averages of the rates against PSTHs, at most 1",
    "fp-bps": "bits per spike of all channels in the bins after the trial, higher is better",
}
#: Mean rates so many times the mean counts are in another unit.
SUSPICIOUS_FACTOR = 5.0


def score_submission(
    arrays: Mapping[str, np.ndarray], target: Mapping[str, Any], group: str = ""
) -> dict[str, float | None]:
    """Scores one group of a submission (Pei et al. 2021, arXiv:2109.04463; definitions of nlb_tools).

    Args:
        arrays: Rates by key, as `check_submission` takes them.
        target: Arrays of the same group of a target file, `read_target` or `target_of`.
        group: Name of the group, which decides on the score of behaviour.

    Returns:
        `SCORES` keys to figures; None where target or submission have not what it takes, or it is not defined.

    Raises:
        DataError: The submission is not usable, the target holds no held-out counts, or the two do not fit together.
    """
    arrays, place = check_submission(arrays, group or "submission"), group or "target"
    if "eval_spikes_heldout" not in target:
        raise DataError(f"{place}: eval_spikes_heldout: missing in the target; expected the held-out counts.")
    rates = _all_channels(arrays, "eval_rates")
    spikes = np.asarray(target["eval_spikes_heldout"], np.float64)
    scores: dict[str, float] = {"co-bps": _bps(arrays["eval_rates_heldout"], spikes, "eval_spikes_heldout", place)}
    if dataset_of(group) == INTERVAL_DATASET:
        if "eval_behavior" in target:
            scores["tp corr"] = interval_correlation(rates, spikes, np.asarray(target["eval_behavior"], np.float64))
    elif {"train_behavior", "eval_behavior"} <= set(target) and "train_rates_heldin" in arrays:
        scores["vel R2"] = velocity_r2(
            _all_channels(arrays, "train_rates"),
            np.asarray(target["train_behavior"], np.float64),
            rates,
            np.asarray(target["eval_behavior"], np.float64),
            target.get("train_decode_mask"),
            target.get("eval_decode_mask"),
        )
    if "psth" in target:
        scores["psth R2"] = psth_r2(target["psth"], rates, target.get("eval_cond_idx"), target.get("eval_jitter"))
    if "eval_rates_heldin_forward" in arrays and "eval_spikes_heldin_forward" in target:
        scores["fp-bps"] = _forward(arrays, target, place)
    return {key: scores[key] if math.isfinite(scores.get(key, math.nan)) else None for key in SCORES}


def _forward(arrays: Mapping[str, np.ndarray], target: Mapping[str, Any], place: str) -> float:
    keys = [f"eval_spikes_{part}_forward" for part in ("heldin", "heldout")]
    if keys[1] not in target:
        raise DataError(f"{place}: {keys[1]}: missing in the target, which has {keys[0]}.")
    spikes = np.concatenate([np.asarray(target[key], np.float64) for key in keys], axis=-1)
    return _bps(_all_channels(arrays, "eval_rates", "_forward"), spikes, " and ".join(keys), place)


def _all_channels(arrays: Mapping[str, np.ndarray], pair: str, after: str = "") -> np.ndarray:
    return np.concatenate([arrays[f"{pair}_heldin{after}"], arrays[f"{pair}_heldout{after}"]], axis=-1)


def _bps(rates: np.ndarray, spikes: np.ndarray, key: str, place: str) -> float:
    if rates.shape != spikes.shape:
        raise DataError(
            f"{place}: {key}: has shape {spikes.shape} in the target, the rates of the submission {rates.shape}; "
            "expected the same trials, bins and channels."
        )
    seen = ~np.isnan(spikes)
    observed, predicted = float(spikes[seen].sum()), float(rates[seen].sum())
    if observed > 0 and predicted > SUSPICIOUS_FACTOR * observed:
        warnings.warn(
            f"{place}: rates are {predicted / observed:.3g} times the counts of {key} on average; expected counts per "
            "bin (rates in Hz times the bin width in seconds).",
            stacklevel=3,
        )
    return bits_per_spike(rates, spikes)
