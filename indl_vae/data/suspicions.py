"""Things in the data that are possible but seldom meant: silent and duplicate channels, wrong units."""

from __future__ import annotations

import warnings

import numpy as np

from indl_vae.data.dataset import Dataset
from indl_vae.data.split import Split
from indl_vae.data.validate import has_non_negative_mean, holds_levels

#: A channel above this rate is marked, in Hz: few single units go there.
HIGH_RATE_HZ = 200.0
#: Without a bin width: a channel this many times above the median channel is marked.
HIGH_RATE_RATIO = 20.0
#: Truth and data that differ by more than this factor in their means are hardly in the same unit.
UNIT_RATIO = 3.0
_ENOUGH_EVENTS = 100.0


def channel_means(x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Returns each channel's mean per bin over the observed entries, `(N,)` float64 (NaN: never observed)."""
    if mask is None:
        return x.mean(axis=(0, 1), dtype=np.float64)
    total = x.sum(axis=(0, 1), dtype=np.float64, where=mask > 0)
    count = np.count_nonzero(mask > 0, axis=(0, 1))
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def constant_channels(x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Returns the channels whose observed values are all the same (for counts: silent), or never observed."""
    seen = np.ones_like(x, bool) if mask is None else mask > 0
    low = np.min(x, axis=(0, 1), where=seen, initial=np.inf)
    high = np.max(x, axis=(0, 1), where=seen, initial=-np.inf)
    return np.flatnonzero(high <= low)


def duplicate_channels(x: np.ndarray) -> list[tuple[int, int]]:
    """Returns pairs (first, copy) of channels that hold the same values in every bin, constant ones left out."""
    constant = set(constant_channels(x).tolist())
    first_with: dict[bytes, int] = {}
    pairs = []
    for channel in range(x.shape[2]):
        if channel not in constant:
            first = first_with.setdefault(np.ascontiguousarray(x[:, :, channel]).tobytes(), channel)
            if first != channel:
                pairs.append((first, channel))
    return pairs


def fast_channels(means: np.ndarray, bin_width_s: float | None) -> np.ndarray:
    """Returns the channels with implausibly high mean counts per bin."""
    if bin_width_s is not None:
        return np.flatnonzero(means / bin_width_s > HIGH_RATE_HZ)
    positive = means[means > 0]
    return np.flatnonzero(means > HIGH_RATE_RATIO * np.median(positive)) if positive.size else np.zeros(0, np.int64)


def list_channels(channels: np.ndarray, most: int = 10) -> str:
    """Returns channel numbers as text, cut after `most`."""
    text = ", ".join(str(int(channel)) for channel in channels[:most])
    return text + (f" and {len(channels) - most} more" if len(channels) > most else "")


def unit_mismatch(split: Split) -> str | None:
    """Returns a remark where the truth's mean and the data's mean differ more than chance allows."""
    if split.truth is None:
        return None
    weight = np.ones_like(split.x) if split.mask is None else split.mask
    counted = float(split.x.sum(dtype=np.float64))
    expected = float((split.truth * weight).sum(dtype=np.float64))
    if max(counted, expected) < _ENOUGH_EVENTS or counted * UNIT_RATIO > expected > counted / UNIT_RATIO:
        return None
    return (
        f"{split.name}_truth expects {expected:.4g} events in all, the data hold {counted:.4g}: "
        "check conversion_factor and bin_width_s"
    )


def warn_about(dataset: Dataset, likelihood: str) -> None:
    """Warns of channels that carry nothing and of a truth in another unit than the data."""
    first = next(iter(dataset.splits.values()))
    # A channel that is another neuron in every animal is no channel to leave out.
    constant = constant_channels(first.x, first.mask) if first.identity is None else np.zeros(0, np.int64)
    if len(constant):
        may_be_silent = has_non_negative_mean(likelihood) and not holds_levels(likelihood)
        word = "silent" if may_be_silent and not first.x[:, :, constant].any() else "constant"
        warnings.warn(
            f"{dataset.source}: {first.name}_data: {word} channels: {list_channels(constant)}; "
            "they carry no information, consider leaving them out.",
            UserWarning,
            stacklevel=4,
        )
    if has_non_negative_mean(likelihood):
        for remark in filter(None, map(unit_mismatch, dataset.splits.values())):
            warnings.warn(f"{dataset.source}: {remark}.", UserWarning, stacklevel=4)
