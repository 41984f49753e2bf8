"""Scores of several sessions as scores of all of them together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.observed import observed_entries
from indl_vae.analysis.scores import UNITS, Scores
from indl_vae.data.split import Split

_RATE_FLOOR = 1e-9


def pooled_scores(scores: Mapping[str, Scores], splits: Mapping[str, Split], held_out: Mapping[str, HeldOut]) -> Scores:
    """Returns the scores over the entries of all sessions, from those of each.

    Likelihoods are means over entries, bits are over spikes, and R2 is flat over the true rates of all sessions. A
    figure that a session lacks is absent. Behaviour counts by trials.

    Args:
        scores: Of each session, by name.
        splits: The data scored.
        held_out: What the encoder was not shown of each session.
    """
    pooled: Scores = {}
    for key in UNITS:
        values = {name: one[key] for name, one in scores.items()}
        if any(value is None for value in values.values()):
            pooled[key] = None
        elif key in ("r2_rates", "r2_log_rates"):
            pooled[key] = _pooled_r2(values, splits, key == "r2_log_rates")
        else:
            weights = {name: _weight(key, splits[name], held_out[name]) for name in values}
            pooled[key] = float(np.average(list(values.values()), weights=[weights[name] for name in values]))
    return pooled


def _weight(key: str, split: Split, held_out: HeldOut) -> float:
    """Returns what a session's figure is a mean over: entries, spikes or trials."""
    observed = observed_entries(split)
    if key.startswith("nll"):
        return float(observed.sum())
    blocks = held_out.blocks(split.n_bins, split.n_channels)
    block = {"bits_per_spike": "seen", "co_bps": "channels", "fp_bps": "bins"}.get(key)
    return float(split.n_trials) if block is None else float(split.x[observed & blocks[block]].sum())


def _pooled_r2(values: Mapping[str, float | None], splits: Mapping[str, Split], of_logs: bool) -> float:
    truths = {name: _truth(split, of_logs) for name, split in splits.items()}
    everything = np.concatenate(list(truths.values()))
    total = float(((everything - everything.mean()) ** 2).sum())
    errors = [
        (1.0 - float(values[name] or 0.0)) * float(((truth - truth.mean()) ** 2).sum())
        for name, truth in truths.items()
    ]
    return 1.0 - sum(errors) / total


def _truth(split: Split, of_logs: bool) -> np.ndarray:
    """Returns the true rates of all bins that are not padding, flat."""
    truth = np.asarray(split.truth, np.float64)
    if split.lengths is not None:
        truth = truth[np.arange(split.n_bins) < split.lengths[:, None]]
    return np.log(np.maximum(truth, _RATE_FLOOR)).ravel() if of_logs else truth.ravel()
