"""A data set of trials of several regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.divide_trials import arrays_of_trials
from indl_vae.data.keys import SPLITS, find_key
from indl_vae.data.region_trials import as_region_trials
from indl_vae.data.session import RawSession
from indl_vae.data.trial_options import TrialOptions


def dataset_of_regions(
    ys: Any,
    us: Any,
    region_sizes: Sequence[int],
    test_perc: float = 0.1,
    valid_perc: float = 0.1,
    seed: int = 0,
    tlim: int | None = None,
    *,
    likelihood: str = "gaussian",
    missing: str = "error",
    bin_width_s: float | None = None,
) -> Dataset:
    """Makes a data set of trials of several regions, of any lengths.

    The test trials are those that the code published with MR-SDS draws by the same seed and share. It had no validation
    trials; here some of the others validate.

    Args:
        ys: A list of trials `(T_i, N)`, or an array `(n, T, N)`: values or counts per bin.
        us: External inputs, `(T_i, U)` or `(n, T, U)`; None for none.
        region_sizes: Channels of each region, in the order of the channels. Where they add up to less than N, the
            channels at the end are padding and are left out.
        test_perc: Share of the trials to test on; 0 for none.
        valid_perc: Share of all trials to validate on.
        seed: Seed of the draw (dataseed).
        tlim: Bins of every trial: longer ones are cut, with a warning, shorter ones padded. None: as many as the
            longest has.
        likelihood: As for `load_dataset`.
        missing: As for `load_dataset`.
        bin_width_s: Width of a bin in seconds.

    Returns:
        The data set; `inds` number the trials in the order given, and a mask says what is padding.

    Raises:
        ConfigError: An option is out of its range.
        DataError: The trials do not fit together, are too few, or do not pass a check of `load_dataset`.
    """
    trials = as_region_trials(ys, us, region_sizes, place="memory")
    arrays = arrays_of_trials(trials, TrialOptions(test_perc, valid_perc, seed, tlim), "memory")
    splits = tuple(name for name in SPLITS if find_key(arrays, name, "x"))
    session = RawSession.from_arrays(arrays)
    return assemble(session, splits, likelihood=likelihood, missing=missing, bin_width_s=bin_width_s)
