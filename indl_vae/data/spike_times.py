"""Lists of spike times and the times of trials as counts per bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.ragged import pad_trials
from indl_vae.data.spike_units import check_time_units
from indl_vae.data.split_trials import session_of_trials, split_trials, splits_of_words
from indl_vae.data.trial_bins import TrialBins, bins_around, bins_between, finite_times, refuse_too_large
from indl_vae.errors import ConfigError, DataError


def bin_spike_times(spike_times: Sequence[Sequence[float] | np.ndarray], bins: TrialBins) -> list[np.ndarray]:
    """Counts spikes in bins.

    Bins are half-open, [start, end): a spike at the edge between two bins is in the later one, and one at the end of a
    trial is not in the trial. A spike less than a millionth of a bin before an edge counts as on it, so that rounding
    of floating-point times does not move it into the earlier bin. A spike in two overlapping trials counts in both.

    Args:
        spike_times: Times of each unit in seconds, in any order; a unit may have none.
        bins: Where the bins lie (`bins_between`, `bins_around`).

    Returns:
        A list of trials `(T_i, N)` float32.

    Raises:
        DataError: There is no unit, a time is not finite, or no spike lies in a trial.
    """
    spikes = [np.sort(finite_times(times, f"spike_times: unit {i}")) for i, times in enumerate(spike_times)]
    if not spikes:
        raise DataError("spike_times: no units; expected a list of times in seconds for each.")
    refuse_too_large(bins, len(spikes), "spike_times")
    trials = [np.zeros((int(n), len(spikes)), np.float32) for n in bins.n_bins]
    for unit, times in enumerate(spikes):
        # A bin more on both sides: which bin a spike at the border is in, `bins_of` decides.
        low = np.searchsorted(times, bins.starts - bins.width)
        high = np.searchsorted(times, bins.stops + bins.width)
        for number in np.flatnonzero(high > low):
            found = bins.bins_of(times[low[number] : high[number]], int(number))
            inside = found[(found >= 0) & (found < bins.n_bins[number])]
            trials[number][:, unit] = np.bincount(inside, minlength=int(bins.n_bins[number]))
    counts = np.sum([trial.sum(axis=0, dtype=np.float64) for trial in trials], axis=0)
    check_time_units(spikes, counts, bins, "spike_times")
    return trials


def dataset_from_spike_times(
    spike_times: Sequence[Sequence[float] | np.ndarray],
    bin_width_s: float,
    *,
    starts: Sequence[float] | np.ndarray | None = None,
    stops: Sequence[float] | np.ndarray | None = None,
    events: Sequence[float] | np.ndarray | None = None,
    window: tuple[float, float] | None = None,
    condition: Sequence[Any] | np.ndarray | None = None,
    split: Sequence[str] | None = None,
    valid_share: float = 0.2,
    test_share: float = 0.0,
    seed: int = 0,
    likelihood: str = "poisson",
) -> Dataset:
    """Makes a data set of spike times.

    Trials run from starts to stops, each with a length of its own, or over a window around an event.

    Args:
        spike_times: Times of each unit in seconds, in any order.
        bin_width_s: Width of a bin in seconds; `bin_spike_times` says how spikes at edges count.
        starts: Starts of the trials in seconds, `(B,)`; with `stops`.
        stops: Ends of the trials in seconds, `(B,)`.
        events: Times in seconds, `(B,)`; with `window`, in place of starts and stops.
        window: From and to in seconds relative to the event, such as (-0.2, 0.8).
        condition: Label of each trial (numbers or text), `(B,)`; stored as numbers in the order of the sorted labels.
        split: Split of each trial, "train", "valid" or "test", `(B,)`; None draws them.
        valid_share: Share of the trials to validate on, of each condition.
        test_share: Share of the trials to test on, of each condition.
        seed: Seed of the draw.
        likelihood: As for `load_dataset`.

    Returns:
        The data set; trials of different lengths come with a mask. `inds` are the positions in the lists given.

    Raises:
        ConfigError: A setting is out of its range, or trials are given in both ways or in none.
        DataError: A time is not finite, no spike lies in a trial, or the lists do not fit together.
    """
    bins = _trials_of(starts, stops, events, window, bin_width_s)
    n_trials = len(bins.starts)
    codes = None if condition is None else condition_codes(_of_trials(condition, n_trials, "condition"))
    rows = (
        split_trials(n_trials, valid_share, test_share, seed, codes)
        if split is None
        else splits_of_words(_of_trials(split, n_trials, "split"), "split")
    )
    x, lengths = pad_trials(bin_spike_times(spike_times, bins), place="spike_times")
    fields = {"x": x, "lengths": ragged_lengths(lengths), "condition": codes, "inds": np.arange(n_trials)}
    session = session_of_trials(fields, rows, bins.width)
    return assemble(session, tuple(rows), likelihood=likelihood, bin_width_s=bins.width)


def condition_codes(labels: Sequence[Any] | np.ndarray) -> np.ndarray:
    """Returns labels as numbers from 0 up, in the order of the sorted labels, `(B,)` int64."""
    array = np.asarray(labels)
    return np.unique(array.astype(str) if array.dtype.kind == "O" else array, return_inverse=True)[1].astype(np.int64)


def ragged_lengths(lengths: np.ndarray) -> np.ndarray | None:
    """Returns the lengths, or None where all trials have the same."""
    return None if (lengths == lengths[0]).all() else lengths


def _trials_of(starts: Any, stops: Any, events: Any, window: Any, bin_width_s: float) -> TrialBins:
    given = [value is not None for value in (starts, stops, events, window)]
    if given == [True, True, False, False]:
        return bins_between(starts, stops, bin_width_s)
    if given == [False, False, True, True]:
        return bins_around(events, window, bin_width_s)
    named = [name for name, there in zip(("starts", "stops", "events", "window"), given, strict=True) if there]
    raise ConfigError(f"trials: got {named}, expected starts and stops, or events and window.")


def _of_trials(values: Any, n_trials: int, place: str) -> Any:
    if len(values) != n_trials:
        raise DataError(f"{place}: {len(values)} entries for {n_trials} trials; give one for each trial.")
    return values
