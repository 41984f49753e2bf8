"""NWB files written by pynwb: ragged trials, units with different rates, behaviour at other rates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

#: Seconds of the recording, and how trials follow one another in it.
N_TRIALS, SPACING = 20, 1.0


def trial_times(n_trials: int = N_TRIALS) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of trials that last 0.3 to 0.5 s."""
    starts = 2.0 + SPACING * np.arange(n_trials)
    return starts, starts + np.array([0.3, 0.4, 0.5, 0.43])[np.arange(n_trials) % 4]


def spike_trains(n_units: int = 6, seed: int = 0, n_trials: int = N_TRIALS) -> list[np.ndarray]:
    """Random spikes at 20 Hz and more, sorted."""
    rng = np.random.default_rng(seed)
    stop = 4.0 + SPACING * n_trials
    return [np.sort(rng.uniform(0, stop, rng.poisson((20 + 5 * unit) * stop))) for unit in range(n_units)]


def series(name: str, data: np.ndarray, unit: str, **more: Any) -> Any:
    """A time series, by `rate` (and `starting_time`) or `timestamps`."""
    from pynwb import TimeSeries

    return TimeSeries(name=name, data=data, unit=unit, **more)


def write_nwb(path: Path, *, units: bool = True, trials: bool = True, obs_intervals: Any = None, **more: Any) -> Path:
    """Writes a file.

    Args:
        path: The file.
        units: Whether there are units, with the column `quality` (good, good, mua, ...).
        trials: Whether there are trials, with the columns go_cue (NaN in trial 3), target and split.
        obs_intervals: Intervals of all units.
        more: `spikes` (lists of times), `series` (TimeSeries objects to put into a module), `fast` (to the acquisition).
    """
    from pynwb import NWBHDF5IO, NWBFile

    session = NWBFile(
        session_description="a recording",
        identifier="one",
        session_start_time=datetime(2020, 1, 1, tzinfo=UTC),
    )
    if units:
        session.add_unit_column("quality", "how well it is isolated")
        for number, times in enumerate(more.get("spikes") or spike_trains()):
            extra = {} if obs_intervals is None else {"obs_intervals": obs_intervals[number]}
            session.add_unit(spike_times=times, quality="mua" if number % 3 == 2 else "good", **extra)
    if trials:
        for name in ("go_cue", "target", "split"):
            session.add_trial_column(name, name)
        for number, (start, stop) in enumerate(zip(*trial_times(), strict=True)):
            go = np.nan if number == 3 else start + 0.1
            split = ("train", "train", "val", "test", "none")[number % 5]
            session.add_trial(start_time=start, stop_time=stop, go_cue=go, target=f"t{number % 2}", split=split)
    module = session.create_processing_module("behavior", "what the animal did") if more.get("series") else None
    for one in more.get("series", ()):
        module.add(one)
    for one in more.get("fast", ()):
        session.add_acquisition(one)
    with NWBHDF5IO(str(path), "w") as file:
        file.write(session)
    return path
