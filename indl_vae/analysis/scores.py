"""The figures that evaluate writes, for any rates: a model's or a baseline's."""

from __future__ import annotations

import math

import numpy as np

from indl_vae.analysis.decoding import decode_ridge
from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import bits_per_spike, co_bps, fp_bps, poisson_nll, r2, r2_log_rates
from indl_vae.analysis.observed import is_counts, observed_entries
from indl_vae.data.split import Split
from indl_vae.errors import DataError

#: What each figure is and its unit, in the order of the tables.
UNITS: dict[str, str] = {
    "nll": "nats per unmasked entry, lower is better: mean Poisson negative log-likelihood of the counts under the "
    "averaged rates, log k! exact",
    "nll_stirling": "nats per unmasked entry, lower is better: as nll with Stirling's approximation of log k!, as "
    "TensorFlow and AutoLFADS log it",
    "bits_per_spike": "bits per spike, higher is better: gain over each neuron's mean in the scored split, over the "
    "channels and bins that the model sees",
    "co_bps": "bits per spike, higher is better: co-smoothing, held-out channels in the bins that the model sees; null "
    "without held-out channels",
    "fp_bps": "bits per spike, higher is better: forward prediction, all channels in the held-out last bins; null "
    "without held-out bins",
    "r2_rates": "share of variance, at most 1: R2 of the averaged rates against the true rates, flat over all "
    "entries; null without truth",
    "r2_log_rates": "share of variance, at most 1: as r2_rates between the logarithms of both; null without truth or "
    "for data that are not counts",
    "behavior_r2": "share of variance, at most 1: R2 of behaviour decoded from the rates by ridge regression fitted on "
    "train, mean over its dimensions; null without behaviour and on train",
}

#: Figures that only counts have.
OF_COUNTS = ("nll", "nll_stirling", "bits_per_spike", "co_bps", "fp_bps", "r2_log_rates")

Scores = dict[str, float | None]


def empty_scores() -> Scores:
    """Returns every figure as absent."""
    return dict.fromkeys(UNITS)


def score_rates(
    rates: np.ndarray, split: Split, held_out: HeldOut, train: tuple[np.ndarray, Split] | None = None
) -> Scores:
    """Scores rates against the data, the true rates and the behaviour of a split.

    Args:
        rates: `(B, T, N)` expected counts per bin. For data that are not counts, and for rates below 0 (a Gaussian
            likelihood on counts), a Poisson score has no meaning and is None.
        split: What was observed; `split.x` holds the held-out counts as well.
        held_out: What the encoder was not shown.
        train: Rates and split that the behaviour decoder is fitted on; None leaves behaviour out.

    Returns:
        The figures of `UNITS`; None where the data give none.

    Raises:
        DataError: If `rates` has not the shape of the data or holds NaN.
    """
    if np.shape(rates) != split.x.shape:
        raise DataError(
            f"rates of {split.name}: expected the shape of the data, {split.x.shape}, got {np.shape(rates)}."
        )
    observed, scores = observed_entries(split), empty_scores()
    counts = is_counts(split.x[observed]) and bool(np.min(rates, initial=0.0) >= 0)
    if counts:
        seen = observed & held_out.blocks(split.n_bins, split.n_channels)["seen"]
        scores["nll"] = poisson_nll(rates, split.x, observed)
        scores["nll_stirling"] = poisson_nll(rates, split.x, observed, normaliser="stirling")
        scores["bits_per_spike"] = bits_per_spike(rates, split.x, seen)
        scores["co_bps"] = co_bps(rates, split.x, np.asarray(held_out.channels, np.int64), observed, held_out.bins)
        scores["fp_bps"] = fp_bps(rates, split.x, held_out.bins, observed)
    if split.truth is not None:
        scores["r2_rates"] = r2(rates, split.truth, _within_length(split))
        scores["r2_log_rates"] = r2_log_rates(rates, split.truth, _within_length(split)) if counts else None
    if train is not None and train[1].behavior is not None and split.behavior is not None:
        scores["behavior_r2"] = decode_ridge(train[0], train[1].behavior, rates, split.behavior).r2
    return {key: _finite_or_none(value) for key, value in scores.items()}


def _within_length(split: Split) -> np.ndarray | None:
    """Returns `(B, T)` True for bins that are not padding; the truth of masked entries is known, so they are scored."""
    return None if split.lengths is None else np.arange(split.n_bins) < split.lengths[:, None]


def _finite_or_none(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
