"""Signs that spike times and trials are not in one unit, or not in seconds."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from indl_vae.data.suspicions import list_channels
from indl_vae.data.trial_bins import TrialBins
from indl_vae.errors import DataError

#: No neuron fires at a higher mean rate, in Hz; spikes do not follow each other faster than about 1 ms.
IMPOSSIBLE_RATE_HZ = 1000.0
#: Milliseconds taken as seconds differ by 1000; spans that differ by more than this are hardly in one unit.
UNLIKE_SPANS = 100.0


def check_time_units(spikes: Sequence[np.ndarray], counts: np.ndarray, bins: TrialBins, place: str) -> None:
    """Refuses spikes of which none lies in a trial, and warns of spans and rates that seconds do not explain.

    Args:
        spikes: Sorted spike times of each unit in seconds.
        counts: Spikes of each unit within the trials, `(N,)`.
        bins: The trials.
        place: What the times are called, for messages.

    Raises:
        DataError: There are no spikes, or none within the trials.
    """
    full = [times for times in spikes if len(times)]
    if not full:
        raise DataError(f"{place}: no unit has a spike; check what was read.")
    first, last = min(times[0] for times in full), max(times[-1] for times in full)
    start, stop = float(bins.starts.min()), float(bins.stops.max())
    where = f"spikes lie between {first:g} and {last:g}, trials between {start:g} and {stop:g}"
    if not counts.sum():
        raise DataError(
            f"{place}: no spike lies in a trial: {where}; give both in seconds of one clock (milliseconds: divide by "
            "1000)."
        )
    spans = max(last - first, 1e-9), max(stop - start, 1e-9)
    if last - first > 0 and max(spans) > UNLIKE_SPANS * min(spans):
        _warn(f"{place}: {where}; check that both are in seconds (milliseconds: divide by 1000).")
    rates = counts / float((bins.n_bins * bins.width).sum())
    fast = np.flatnonzero(rates > IMPOSSIBLE_RATE_HZ)
    if len(fast):
        _warn(
            f"{place}: mean rates up to {rates.max():.4g} Hz within the trials (units {list_channels(fast)}), faster "
            "than neurons fire; check that times and bin width are in seconds."
        )


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=4)
