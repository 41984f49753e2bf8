"""One time series of an NWB file, read piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data.nwb_file import find_series, translated_nwb
from indl_vae.data.resample import resample_to_bins
from indl_vae.data.trial_bins import TrialBins
from indl_vae.errors import DataError


@dataclass(frozen=True, eq=False)
class NwbSignal:
    """A series with one or several channels; its samples stay in the file until they are asked for.

    Attributes:
        place: File and name, for messages.
        path: The file.
        data: `(n,)` or `(n, C)`, read by slices.
        times: Times of the samples in seconds, `(n,)`; None where they are at a constant rate.
        start: Time of the first sample in seconds, at a constant rate.
        interval: Typical time between samples in seconds.
        scale: Factor to the series' unit.
        offset: Added after the factor.
    """

    place: str
    path: Path
    data: Any
    times: np.ndarray | None
    start: float
    interval: float
    scale: float
    offset: float

    @classmethod
    def open(cls, session: Any, name: str, path: Path) -> NwbSignal:
        """Finds a series in an open file.

        Raises:
            DataError: It is not there, has more than two axes or no samples, or its times do not ascend.
        """
        series = find_series(session, name, path)
        place = f"{path}: {name}"
        with translated_nwb(path, name):
            shape = tuple(np.shape(series.data))
            times = None if series.timestamps is None else np.asarray(series.timestamps[:], np.float64)
            rate, start = series.rate, series.starting_time
            scale, offset = float(series.conversion), float(series.offset or 0.0)
        if len(shape) not in (1, 2) or 0 in shape:
            raise DataError(f"{place}: has shape {shape}, expected samples (n,) or (n, channels); name another series.")
        if times is None and not (rate and np.isfinite(rate) and rate > 0 and start is not None):
            raise DataError(f"{place}: has neither timestamps nor a rate above 0; it cannot be placed in time.")
        if times is not None:
            _check_times(times, shape[0], place)
        interval = 1.0 / rate if times is None else _typical_interval(times)
        return cls(place, path, series.data, times, float(start or 0.0), interval, scale, offset)

    def in_bins(self, bins: TrialBins, trial: int) -> np.ndarray:
        """Returns the signal in the bins of one trial, `(T_i, C)` float64, NaN where not measured.

        Only the samples of that trial, and those around it, are read.
        """
        times, values = self._between(float(bins.starts[trial]), float(bins.stops[trial]))
        return resample_to_bins(times, values, bins, trial, interval=self.interval)

    def _between(self, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        n = int(self.data.shape[0])
        if self.times is not None:
            first, end = np.searchsorted(self.times, (low, high))
        else:
            first, end = np.floor((np.array([low, high]) - self.start) / self.interval).astype(np.int64)
        # Samples before and after serve the interpolation; a second one makes up for rounding.
        piece = slice(int(np.clip(first - 2, 0, n)), int(np.clip(end + 3, 0, n)))
        with translated_nwb(self.path, self.place):
            values = np.asarray(self.data[piece], np.float64)
        positions = np.arange(piece.start, piece.stop)
        times = self.start + positions * self.interval if self.times is None else self.times[piece]
        return times, values.reshape(len(values), self._width) * self.scale + self.offset

    @property
    def _width(self) -> int:
        return 1 if len(self.data.shape) == 1 else int(self.data.shape[1])


def _check_times(times: np.ndarray, n: int, place: str) -> None:
    if len(times) != n:
        raise DataError(f"{place}: {len(times)} timestamps for {n} samples, expected one each; write the file again.")
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise DataError(f"{place}: timestamps are not finite or do not ascend; correct them.")


def _typical_interval(times: np.ndarray) -> float:
    return float(np.median(np.diff(times))) if len(times) > 1 else float("inf")
