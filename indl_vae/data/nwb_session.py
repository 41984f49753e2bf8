"""Units and trials of an NWB file as raw arrays under the library's key names."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from indl_vae.data.nwb_file import column, interval_table, open_nwb, time_column, translated_nwb
from indl_vae.data.nwb_signal import NwbSignal
from indl_vae.data.observed_intervals import observed_bins
from indl_vae.data.ragged import pad_trials
from indl_vae.data.session import RawSession
from indl_vae.data.spike_times import bin_spike_times, condition_codes, ragged_lengths
from indl_vae.data.split_trials import session_of_trials, split_trials, splits_of_words
from indl_vae.data.trial_bins import TrialBins, bins_around, bins_between, check_bin_width, check_window_s
from indl_vae.errors import ConfigError, DataError

DEFAULT_BIN_WIDTH_S = 0.01


@dataclass(frozen=True)
class NwbOptions:
    """What of a file is read, and how; `load_nwb` says what each option means."""

    align_to: str = "start_time"
    window: tuple[float, float] | None = None
    bin_width_s: float = DEFAULT_BIN_WIDTH_S
    trials: str = "trials"
    behavior: tuple[str, ...] = ()
    condition: str | None = None
    units: Mapping[str, Any] = field(default_factory=dict)
    min_rate_hz: float = 0.0
    split: str | None = None
    valid_share: float = 0.2
    test_share: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_bin_width(self.bin_width_s)
        if self.window is not None:
            check_window_s(self.window)
        if not (np.isfinite(self.min_rate_hz) and self.min_rate_hz >= 0):
            raise ConfigError(f"min_rate_hz: {self.min_rate_hz!r}, expected a rate in Hz from 0 up.")


def read_nwb(path: str | os.PathLike[str], options: NwbOptions | None = None) -> RawSession:
    """Reads an NWB file.

    Args:
        path: The file.
        options: What is read; the defaults are those of `load_nwb`.

    Returns:
        The arrays of each split, trials padded at their ends, with a checksum of these arrays (which also changes with
        the options).

    Raises:
        ConfigError: pynwb is not installed.
        DataError: The file is damaged, or has no units, trials, columns or series of the names asked for.
    """
    path, options = Path(path), options or NwbOptions()
    with open_nwb(path) as session:
        table = interval_table(session, options.trials, path)
        kept, bins = _trial_bins(table, options, path)
        fields = _unit_fields(session, bins, options, path)
        fields["inds"] = kept
        if options.condition is not None:
            fields["condition"] = condition_codes(column(table, options.condition, path)[kept])
        if options.behavior:
            fields["behavior"] = _behavior(session, bins, options.behavior, path)
        rows = _splits(table, kept, fields.get("condition"), options, path)
    return replace(session_of_trials(fields, rows, options.bin_width_s), source=str(path))


def _trial_bins(table: Any, options: NwbOptions, path: Path) -> tuple[np.ndarray, TrialBins]:
    """Returns the rows of the trials that can be used, and their bins."""
    times = time_column(table, options.align_to, path)
    stops = time_column(table, "stop_time", path) if options.window is None else None
    usable = np.isfinite(times)
    if stops is not None:
        usable &= np.isfinite(stops)
        usable[usable] &= stops[usable] - times[usable] >= options.bin_width_s * (1 - 1e-6)
    kept = np.flatnonzero(usable)
    what = f"{path}: {table.name}: {options.align_to}"
    if not len(kept):
        raise DataError(
            f"{what}: no trial has a time there and lasts a bin of {options.bin_width_s:g} s; name another column, or "
            "a smaller bin width."
        )
    if len(kept) < len(times):
        warnings.warn(
            f"{what}: {len(times) - len(kept)} of {len(times)} trials have no time there or are shorter than a bin; "
            "they are left out.",
            UserWarning,
            stacklevel=5,
        )
    if stops is None:
        return kept, bins_around(times[kept], options.window or (0.0, 0.0), options.bin_width_s)
    return kept, bins_between(times[kept], stops[kept], options.bin_width_s)


def _unit_fields(session: Any, bins: TrialBins, options: NwbOptions, path: Path) -> dict[str, np.ndarray | None]:
    """Returns counts, mask and lengths of the units that are wanted."""
    table = session.units
    if table is None or not len(table) or "spike_times" not in table.colnames:
        raise DataError(f"{path}: units: no table of units with spike_times; there are no sorted spikes to read.")
    chosen = _chosen_units(table, options.units, path)
    with translated_nwb(path, "units: spike_times"):
        spikes = [np.asarray(table.get_unit_spike_times(int(unit)), np.float64) for unit in chosen]
    try:
        counts = bin_spike_times(spikes, bins)
    except DataError as error:
        raise DataError(f"{path}: units: {error}") from error
    rates = np.sum([trial.sum(axis=0, dtype=np.float64) for trial in counts], axis=0)
    fast = np.flatnonzero(rates / (bins.n_bins.sum() * bins.width) >= options.min_rate_hz)
    if not len(fast):
        raise DataError(
            f"{path}: units: none fires at min_rate_hz {options.min_rate_hz:g} within the trials; lower it."
        )
    x, lengths = pad_trials([trial[:, fast] for trial in counts])
    mask = _mask(table, chosen[fast], bins, x.shape, path)
    return {"x": x, "mask": mask, "lengths": ragged_lengths(lengths)}


def _chosen_units(table: Any, wanted: Mapping[str, Any], path: Path) -> np.ndarray:
    """Returns the rows of the units whose columns have the values wanted."""
    chosen = np.ones(len(table), bool)
    for name, value in wanted.items():
        values = column(table, name, path)
        accepted = value if isinstance(value, (list, tuple, set)) else [value]
        chosen &= np.array([any(one == like or str(one) == str(like) for like in accepted) for one in values])
        if not chosen.any():
            raise DataError(
                f"{path}: units: none is left with {name} = {value}, found {sorted({str(v) for v in values})[:10]}; "
                "take other values."
            )
    return np.flatnonzero(chosen)


def _mask(table: Any, units: np.ndarray, bins: TrialBins, shape: tuple[int, ...], path: Path) -> np.ndarray | None:
    """Returns which bins each unit was observed in; None where the file does not say. No intervals: all bins."""
    if "obs_intervals" not in table.colnames:
        return None
    mask = np.zeros(shape, np.uint8)
    for channel, unit in enumerate(units):
        with translated_nwb(path, "units: obs_intervals"):
            intervals = np.asarray(table.get_unit_obs_intervals(int(unit)), np.float64).reshape(-1, 2)
        for trial, n_bins in enumerate(bins.n_bins):
            mask[trial, :n_bins, channel] = observed_bins(intervals, bins, trial) if len(intervals) else 1
    return mask


def _behavior(session: Any, bins: TrialBins, names: Sequence[str], path: Path) -> np.ndarray:
    signals = [NwbSignal.open(session, name, path) for name in names]
    trials = [
        np.concatenate([signal.in_bins(bins, trial) for signal in signals], axis=1) for trial in range(len(bins.starts))
    ]
    return pad_trials(trials, fill=np.nan)[0]


def _splits(
    table: Any, kept: np.ndarray, condition: np.ndarray | None, options: NwbOptions, path: Path
) -> dict[str, np.ndarray]:
    if options.split is not None:
        words = column(table, options.split, path)[kept]
        return splits_of_words(words.tolist(), f"{path}: {table.name}: {options.split}")
    return split_trials(len(kept), options.valid_share, options.test_share, options.seed, condition)
