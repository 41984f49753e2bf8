"""Where the bins of each trial lie in the time of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indl_vae.data.hdf5_safety import memory_bytes
from indl_vae.errors import ConfigError, DataError

#: A time less than this share of a bin before an edge counts as on the edge: 0.3 s is the start of bin 3 at 0.1 s,
#: although 0.3 / 0.1 is 2.9999999999999996.
EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class TrialBins:
    """Bins of one width, trial by trial: bin k is [start + k width, start + (k + 1) width).

    Attributes:
        starts: Start of each trial in seconds, `(B,)` float64.
        n_bins: Bins of each trial, `(B,)` int64, at least 1.
        width: Width of a bin in seconds.
    """

    starts: np.ndarray
    n_bins: np.ndarray
    width: float

    @property
    def stops(self) -> np.ndarray:
        """End of the last bin of each trial in seconds, `(B,)`."""
        return self.starts + self.n_bins * self.width

    def bins_of(self, times: np.ndarray, trial: int) -> np.ndarray:
        """Returns the bin of each time, counted from the trial's start; those outside are below 0 or from n_bins up."""
        return _whole_bins(times - self.starts[trial], self.width, float(np.abs(self.starts[trial])))

    def take(self, trials: np.ndarray) -> TrialBins:
        """Returns the bins of some trials."""
        return TrialBins(self.starts[trials], self.n_bins[trials], self.width)


def bins_between(
    starts: Sequence[float] | np.ndarray, stops: Sequence[float] | np.ndarray, bin_width_s: float
) -> TrialBins:
    """Returns the whole bins between the start and the end of each trial; what is left at the end is no bin.

    Args:
        starts: Starts in seconds, `(B,)`.
        stops: Ends in seconds, `(B,)`.
        bin_width_s: Width of a bin in seconds.

    Raises:
        ConfigError: The bin width is not above 0.
        DataError: A time is not finite, the numbers differ, or a trial is shorter than a bin.
    """
    width = check_bin_width(bin_width_s)
    first, last = finite_times(starts, "starts"), finite_times(stops, "stops")
    if len(first) != len(last) or not len(first):
        raise DataError(f"starts, stops: {len(first)} and {len(last)} times, expected one of each for every trial.")
    largest = float(np.maximum(np.abs(first), np.abs(last)).max())
    n_bins = _whole_bins(last - first, width, largest)
    if (n_bins < 1).any():
        trial = int(np.argmax(n_bins < 1))
        raise DataError(
            f"stops: trial {trial} runs from {first[trial]:g} to {last[trial]:g} s, less than one bin of {width:g} s; "
            "leave it out, or check that all times are in seconds."
        )
    return TrialBins(first, n_bins, width)


def bins_around(events: Sequence[float] | np.ndarray, window: tuple[float, float], bin_width_s: float) -> TrialBins:
    """Returns the bins of a window around each event.

    Args:
        events: Times in seconds, `(B,)`.
        window: From and to in seconds relative to the event: (-0.2, 0.8) begins 0.2 s before it.
        bin_width_s: Width of a bin in seconds; what does not fill a bin at the window's end is left out.

    Raises:
        ConfigError: The window does not hold a bin, or the bin width is not above 0.
        DataError: There is no event, or a time is not finite.
    """
    width = check_bin_width(bin_width_s)
    before, after = check_window_s(window)
    times = finite_times(events, "events")
    n_bins = int(_whole_bins(np.array(after - before), width, 0.0))
    if n_bins < 1:
        raise ConfigError(f"window: ({before:g}, {after:g}) s does not hold a bin of {width:g} s; make it longer.")
    if not len(times):
        raise DataError("events: no times; expected one for each trial, in seconds.")
    return TrialBins(times + before, np.full(len(times), n_bins, np.int64), width)


def check_bin_width(bin_width_s: float) -> float:
    """Returns the bin width; raises ConfigError where it is not a finite number above 0."""
    number = isinstance(bin_width_s, (int, float, np.number)) and not isinstance(bin_width_s, bool)
    if not (number and np.isfinite(bin_width_s) and bin_width_s > 0):
        raise ConfigError(f"bin_width_s: {bin_width_s!r}, expected seconds above 0 (10 ms bins: 0.01).")
    return float(bin_width_s)


def check_window_s(window: tuple[float, float]) -> tuple[float, float]:
    """Returns a window as two floats; raises ConfigError where it is not two finite times in ascending order."""
    numbers = np.size(window) == 2 and np.asarray(window).dtype.kind in "iuf"
    values = np.asarray(window, np.float64) if numbers else np.full(2, np.nan)
    if not (np.isfinite(values).all() and values.flat[0] < values.flat[1]):
        raise ConfigError(
            f"window: {window!r}, expected (from, to) in seconds relative to the event, from before to: (-0.2, 0.8)."
        )
    return float(values.flat[0]), float(values.flat[1])


def finite_times(times: Sequence[float] | np.ndarray, place: str) -> np.ndarray:
    """Returns times as `(n,)` float64; raises DataError where one is not a finite number."""
    array = np.asarray(times)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iuf"):
        raise DataError(
            f"{place}: has shape {array.shape} and type {array.dtype}, expected a list of times in seconds."
        )
    array = array.astype(np.float64)
    bad = ~np.isfinite(array)
    if bad.any():
        raise DataError(
            f"{place}: {array[bad][0]} at position {int(np.argmax(bad))}, expected finite times; leave it out."
        )
    return array


def refuse_too_large(bins: TrialBins, n_channels: int, place: str) -> None:
    """Raises DataError where the padded trials would not fit into this machine's memory as float32."""
    n_bytes = 4 * len(bins.starts) * int(bins.n_bins.max()) * n_channels
    if n_bytes > memory_bytes():
        raise DataError(
            f"{place}: {len(bins.starts)} trials of up to {int(bins.n_bins.max()):,} bins of {bins.width:g} s and "
            f"{n_channels} channels need {n_bytes:,} bytes, more memory than this machine has; take wider bins or "
            "shorter trials, and check that all times are in seconds."
        )


def _whole_bins(durations: np.ndarray, width: float, largest: float) -> np.ndarray:
    # Times far from 0 are stored less exactly: differences are good to a few units in the last place of the largest.
    slack = max(EDGE, 4 * float(np.spacing(largest)) / width)
    return np.floor(durations / width + slack).astype(np.int64)
