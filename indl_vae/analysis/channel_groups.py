"""Bits per spike of groups of channels: regions, and channels that the model sees or not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from indl_vae.analysis.held_out import HeldOut
from indl_vae.analysis.metrics import bits_per_spike
from indl_vae.analysis.observed import is_counts, observed_entries
from indl_vae.data.split import Split

if TYPE_CHECKING:
    from indl_vae.data.dataset import Dataset

#: Score -> the block of entries of a group's channels that it is taken over.
BLOCKS = {"bits_per_spike": "seen", "co_bps": "channels", "fp_bps": "bins"}

Groups = dict[str, np.ndarray]


def channel_groups(dataset: Dataset, held_out: HeldOut) -> Groups:
    """Returns the channel numbers of each group.

    Groups are `held_in` and `held_out` where channels are held out, and `region_0`, `region_1`, ... where the data have
    `region_sizes`; a channel may be in several. Without either there is none.
    """
    n_channels = dataset.spec.n_channels
    groups: Groups = {}
    if held_out.channels:
        groups = {
            "held_in": held_out.seen_channels(n_channels),
            "held_out": np.asarray(held_out.channels, np.int64),
        }
    ends = np.cumsum(dataset.region_sizes or ())
    for number, (size, end) in enumerate(zip(dataset.region_sizes or (), ends, strict=True)):
        groups[f"region_{number}"] = np.arange(end - size, end)
    return groups


def score_groups(rates: np.ndarray, split: Split, groups: Groups, held_out: HeldOut) -> dict[str, dict[str, Any]]:
    """Scores each group of channels on its own.

    Args:
        rates: `(B, T, N)` expected counts per bin.
        split: What was observed.
        groups: Channel numbers by name.
        held_out: What the model was not shown.

    Returns:
        By group, `n_channels`, and bits per spike over the entries of its channels that the model sees
        (`bits_per_spike`), over those of held-out channels within the shown bins (`co_bps`), and over the held-out last
        bins (`fp_bps`); None where there is no such entry or no spike, or the data are not counts.
    """
    observed = observed_entries(split)
    possible = is_counts(split.x[observed]) and bool(np.min(rates, initial=0.0) >= 0)
    blocks = held_out.blocks(split.n_bins, split.n_channels)
    result: dict[str, dict[str, Any]] = {}
    for name, channels in groups.items():
        result[name] = {"n_channels": len(channels)}
        for score, block in BLOCKS.items():
            mask = (observed & blocks[block])[:, :, channels]
            value = bits_per_spike(rates[:, :, channels], split.x[:, :, channels], mask) if possible else math.nan
            result[name][score] = value if math.isfinite(value) else None
    return result
