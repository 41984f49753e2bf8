"""load_nwb: from units and trials of an NWB file to a checked Dataset."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.keys import SPLITS
from indl_vae.data.nwb_session import DEFAULT_BIN_WIDTH_S, NwbOptions, read_nwb


def load_nwb(
    path: str | os.PathLike[str],
    *,
    align_to: str = "start_time",
    window: tuple[float, float] | None = None,
    bin_width_s: float = DEFAULT_BIN_WIDTH_S,
    trials: str = "trials",
    behavior: str | Sequence[str] | None = None,
    condition: str | None = None,
    units: Mapping[str, Any] | None = None,
    min_rate_hz: float = 0.0,
    split: str | None = None,
    valid_share: float = 0.2,
    test_share: float = 0.0,
    seed: int = 0,
    likelihood: str = "poisson",
    missing: str = "error",
) -> Dataset:
    """Loads the sorted spikes of an NWB file, trial by trial. Needs pynwb: `pip install indl_vae[nwb]`.

    Only what is asked for is read: the spike times of the chosen units, the columns named, and of the behaviour the
    samples around each trial. Bins outside of a unit's `obs_intervals` are masked.

    Args:
        path: The file.
        align_to: Column of the trials' table with the times, in seconds, that trials are aligned to.
        window: From and to in seconds relative to `align_to`, such as (-0.2, 0.8); None makes trials of different
            lengths, from `align_to` to `stop_time`. Trials without a time there, or shorter than a bin, are left out
            with a warning.
        bin_width_s: Width of a bin in seconds; `bin_spike_times` says how spikes at edges count.
        trials: Name of the table of intervals.
        behavior: Names of time series, anywhere in the file; a path such as "behavior/Position/hand" where a name
            occurs twice. In each bin the mean of its samples, or interpolated where samples are further apart than
            bins (`resample_to_bins`); NaN where not measured. Their channels are joined in this order.
        condition: Column with the condition of each trial, numbers or text; stored as numbers in the order of the
            sorted labels. Each split gets its share of each.
        units: Columns of the units' table and the value, or values, that a unit must have there.
        min_rate_hz: Units with a lower mean rate within the trials are left out.
        split: Column that says train, val or test; other trials are left out with a warning. None draws the splits.
        valid_share: Share of the trials to validate on, where they are drawn.
        test_share: Share of the trials to test on, where they are drawn.
        seed: Seed of the draw.
        likelihood: As for `load_dataset`.
        missing: As for `load_dataset`.

    Returns:
        The data set; `inds` are the rows of the trials' table.

    Raises:
        ConfigError: pynwb is not installed, or an option is out of its range.
        DataError: The file is damaged or refers to other files; there are no units, trials, columns or series of the
            names; or no spike lies in a trial.
    """
    names = (behavior,) if isinstance(behavior, str) else tuple(behavior or ())
    options = NwbOptions(
        align_to=align_to,
        window=window,
        bin_width_s=bin_width_s,
        trials=trials,
        behavior=names,
        condition=condition,
        units=dict(units or {}),
        min_rate_hz=min_rate_hz,
        split=split,
        valid_share=valid_share,
        test_share=test_share,
        seed=seed,
    )
    session = read_nwb(path, options)
    splits = tuple(name for name in SPLITS if f"{name}_data" in session.arrays)
    return assemble(session, splits, likelihood=likelihood, missing=missing, bin_width_s=bin_width_s)
