"""Scores of inferred rates in plain numpy, all in float64.

Every function takes rates (expected counts per bin) and counts as arrays whose last axis is channels, and a mask,
1 = observed, of the same shape or without the channel axis. Entries where the mask is 0 or the counts are NaN do not
count, whatever stands there. A score that is not defined (no spike, no variance) is NaN.

The spike-count scores are those of the Neural Latents Benchmark (Pei et al. 2021, arXiv:2109.04463).
"""

from __future__ import annotations

import math

import numpy as np

from indl_vae.errors import DataError
from indl_vae.numerics import RATE_FLOOR, log_factorial, stirling_log_factorial

_NORMALISERS = {"exact": log_factorial, "stirling": stirling_log_factorial}


def poisson_nll(
    rates: np.ndarray, counts: np.ndarray, mask: np.ndarray | None = None, normaliser: str = "exact"
) -> float:
    """Returns the mean Poisson negative log-likelihood per unmasked entry, in nats.

    Args:
        rates: Expected counts per bin `(..., N)`; 0 counts as 1e-9.
        counts: Observed counts, same shape.
        mask: 1 = observed.
        normaliser: "exact" for log k!, "stirling" for the approximation that TensorFlow's `log_poisson_loss` and the
            AutoLFADS logs use.

    Raises:
        DataError: Shapes differ, a rate is negative or not finite, or the normaliser is unknown.
    """
    if normaliser not in _NORMALISERS:
        raise DataError(f"normaliser: {normaliser!r}, expected 'exact' or 'stirling'.")
    rates, counts, seen = _aligned(rates, counts, mask, "counts")
    rates, counts = _valid_rates(rates, seen)[seen], counts[seen]
    return _mean(rates - counts * np.log(rates) + _NORMALISERS[normaliser](counts))


def bits_per_spike(rates: np.ndarray, counts: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Returns how many bits per spike the rates explain beyond each neuron's mean over these very entries.

    (NLL of the means - NLL of the rates) / (number of spikes * log 2), sums over unmasked entries; the means are taken
    from the counts that are scored, as in the Neural Latents Benchmark.

    Args:
        rates: Expected counts per bin `(..., N)`; 0 counts as 1e-9, in the means too.
        counts: Observed counts, same shape.
        mask: 1 = observed.

    Raises:
        DataError: Shapes differ, or a rate is negative or not finite.
    """
    rates, counts, seen = _aligned(rates, counts, mask, "counts")
    rates = _valid_rates(rates, seen)
    counts = np.where(seen, counts, 0.0)
    null = np.broadcast_to(_valid_rates(_channel_means(counts, seen), np.True_), rates.shape)
    n_spikes = float(counts.sum())
    if n_spikes == 0.0:
        return math.nan
    gain = np.where(seen, counts * (np.log(rates) - np.log(null)) - (rates - null), 0.0)
    return float(gain.sum()) / (n_spikes * math.log(2.0))


def co_bps(
    rates: np.ndarray,
    counts: np.ndarray,
    heldout_channels: np.ndarray,
    mask: np.ndarray | None = None,
    heldout_bins: int = 0,
) -> float:
    """Returns the co-smoothing score: bits per spike of the held-out channels in the bins that were not held out.

    Args:
        rates: `(B, T, N)`.
        counts: `(B, T, N)`.
        heldout_channels: Channel numbers that the encoder never saw.
        mask: 1 = observed.
        heldout_bins: Last bins that were held out as well; they belong to `fp_bps`.

    Raises:
        DataError: As `bits_per_spike`, or the held-out bins are not within the trial.
    """
    n_bins = _n_shown_bins(counts, heldout_bins)
    channels = np.asarray(heldout_channels, np.int64)
    return _part(rates, counts, mask, (slice(None), slice(n_bins), channels)) if channels.size else math.nan


def fp_bps(rates: np.ndarray, counts: np.ndarray, heldout_bins: int, mask: np.ndarray | None = None) -> float:
    """Returns the forward-prediction score: bits per spike of all channels in the last `heldout_bins` bins.

    Args:
        rates: `(B, T, N)`.
        counts: `(B, T, N)`.
        heldout_bins: Last bins that the encoder never saw.
        mask: 1 = observed.

    Raises:
        DataError: As `bits_per_spike`, or the held-out bins are not within the trial.
    """
    n_bins = _n_shown_bins(counts, heldout_bins)
    return _part(rates, counts, mask, (slice(None), slice(n_bins, None))) if heldout_bins else math.nan


def r2(rates: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Returns R2 = 1 - sum (truth - rate)^2 / sum (truth - mean truth)^2, flat over all unmasked entries.

    Raises:
        DataError: Shapes differ, or an unmasked entry is not finite.
    """
    rates, truth, seen = _aligned(rates, truth, mask, "truth")
    rates, truth = _finite(rates[seen], "rates"), truth[seen]
    total = float(((truth - truth.mean()) ** 2).sum()) if truth.size else 0.0
    return 1.0 - float(((truth - rates) ** 2).sum()) / total if total > 0.0 else math.nan


def r2_log_rates(rates: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Returns the flat R2 of the logarithms, both floored at 1e-9; average rates first, then come here.

    Raises:
        DataError: As `r2`.
    """
    logs = (np.log(np.maximum(np.asarray(array, np.float64), RATE_FLOOR)) for array in (rates, truth))
    return r2(*logs, mask)


def r2_per_channel(rates: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Returns each channel's own R2 over its unmasked entries, `(N,)`; NaN where the truth does not vary.

    Raises:
        DataError: As `r2`.
    """
    rates, truth, seen = _aligned(rates, truth, mask, "truth")
    n_channels = truth.shape[-1]
    columns = (array.reshape(-1, n_channels).T for array in (rates, truth, seen))
    return np.array([r2(rate[ok], true[ok]) for rate, true, ok in zip(*columns, strict=True)])


def _aligned(
    rates: np.ndarray, target: np.ndarray, mask: np.ndarray | None, name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns rates and target as float64, and which entries count."""
    rates, target = np.asarray(rates, np.float64), np.asarray(target, np.float64)
    if rates.shape != target.shape or rates.ndim == 0:
        raise DataError(f"rates: has shape {rates.shape}, expected that of the {name}, {target.shape}, channels last.")
    seen = ~np.isnan(target)
    if mask is None:
        return rates, target, seen
    observed = np.asarray(mask) > 0
    if observed.ndim == rates.ndim - 1:
        observed = observed[..., None]
    fits = all(size in (1, whole) for size, whole in zip(observed.shape, rates.shape, strict=False))
    if observed.ndim != rates.ndim or not fits:
        raise DataError(f"mask: has shape {np.shape(mask)}, expected {rates.shape} or {rates.shape[:-1]}.")
    return rates, target, seen & observed


def _valid_rates(rates: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Returns rates with 0 raised to the floor and 1 where not seen."""
    rates = np.where(seen, rates, 1.0)
    if (rates < 0).any():
        raise DataError(f"rates: negative value {rates.min():g}; expected counts per bin, not their logarithms.")
    return np.where(_finite(rates, "rates") == 0.0, RATE_FLOOR, rates)


def _finite(array: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(array).all():
        raise DataError(
            f"{name}: {int((~np.isfinite(array)).sum())} entries are NaN or infinite; expected finite numbers, "
            "mask them or look for the divergence."
        )
    return array


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else math.nan


def _channel_means(counts: np.ndarray, seen: np.ndarray) -> np.ndarray:
    axes = tuple(range(counts.ndim - 1))
    number = np.broadcast_to(seen, counts.shape).sum(axis=axes)
    return counts.sum(axis=axes) / np.maximum(number, 1)


def _n_shown_bins(counts: np.ndarray, heldout_bins: int) -> int:
    n_bins = np.shape(counts)[1] if np.ndim(counts) == 3 else -1
    if not 0 <= heldout_bins <= n_bins:
        raise DataError(
            f"heldout_bins: {heldout_bins} for counts of shape {np.shape(counts)}, expected (trials, bins, channels)."
        )
    return n_bins - heldout_bins


def _part(rates: np.ndarray, counts: np.ndarray, mask: np.ndarray | None, where: tuple) -> float:
    rates, counts, seen = _aligned(rates, counts, mask, "counts")
    return bits_per_spike(rates[where], counts[where], seen[where])
