"""Trials without splits, divided: by the draw of the code published with MR-SDS, and a validation split besides."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from indl_vae.data.keys import FIELDS, SPLITS, TRIAL_KEYS
from indl_vae.data.ragged import pad_trials
from indl_vae.data.region_trials import RegionTrials, as_region_trials
from indl_vae.data.session import RawSession
from indl_vae.data.trial_options import TrialOptions
from indl_vae.data.validate import check_axes, check_lengths, to_int64
from indl_vae.errors import DataError


def divide_session(
    session: RawSession, splits: Iterable[str] = SPLITS, options: TrialOptions | None = None
) -> RawSession:
    """Returns a session with splits: as it is, or its trials (key ys) divided.

    Args:
        session: Its ys are `(n, T, N)`, padded if there are lengths `(n,)`; or, with lengths, all trials one after the
            other, `(sum of lengths, N)`. Its us likewise. Its region_sizes may add up to less than N.
        splits: Splits that are wanted; "test" alone, and no option set, makes all trials the test split.
        options: How to divide.

    Raises:
        ConfigError: Options are set for data that have splits.
        DataError: The trials do not pass the checks of `as_region_trials`, or are too few.
    """
    options = options or TrialOptions()
    if "ys" not in session.arrays:
        options.refuse(session.source, "which holds its own splits")
        return session
    arrays, lengths = session.arrays, _lengths(session)
    ys, us = (_trials_of(session, key, lengths) for key in ("ys", "us"))
    trials = as_region_trials(ys, us, arrays.get("region_sizes"), place=session.source)
    rest = {key: array for key, array in arrays.items() if key not in (*TRIAL_KEYS, "region_sizes")}
    whole = tuple(splits) == ("test",) and not options.given
    divided = arrays_of_trials(trials, TrialOptions(tlim=options.tlim) if whole else options, session.source, whole)
    if "region_sizes" not in arrays:
        divided.pop("region_sizes")
    return replace(session, arrays=rest | divided)


def arrays_of_trials(
    trials: RegionTrials, options: TrialOptions, place: str, whole: bool = False
) -> dict[str, np.ndarray]:
    """Returns trials, divided, as arrays under the file's keys.

    Args:
        trials: The trials.
        options: How to divide.
        place: Where the trials are from, for messages.
        whole: Whether all are for the test.

    Raises:
        DataError: There are too few trials.
    """
    cut = _cut(trials, options.tlim, place)
    ys, lengths = pad_trials(cut.ys, options.tlim, place=f"{place}: ys")
    fields = {"x": ys, "inds": np.arange(len(ys))}
    if (lengths < ys.shape[1]).any():
        fields["lengths"] = lengths
    if cut.us is not None:
        fields["ext_input"] = pad_trials(cut.us, options.tlim, place=f"{place}: us")[0]
    rows = {"test": np.arange(len(ys))} if whole else draw_trials(len(ys), options, place)
    arrays = {
        FIELDS[field].templates[0].format(split): array[chosen]
        for split, chosen in rows.items()
        for field, array in fields.items()
    }
    return arrays | {"region_sizes": np.asarray(trials.region_sizes, np.int64)}


def draw_trials(n_trials: int, options: TrialOptions, place: str = "trials") -> dict[str, np.ndarray]:
    """Draws the trials of each split.

    The test trials are those of the published code: all that `RandomState(dataseed).choice(n, int(n (1 - test_perc)),
    replace=False)` does not draw. That code had no validation trials; here the last of those drawn are.

    Args:
        n_trials: Number of trials.
        options: Shares and seed.
        place: Where the trials are from, for messages.

    Returns:
        Numbers of the trials by split, ascending: train, valid and, with a share, test.

    Raises:
        DataError: There are too few trials.
    """
    test, valid = options.shares
    n_drawn, n_valid = int(n_trials * (1 - test)), max(1, round(n_trials * valid))
    if n_drawn <= n_valid and options.whole_if_short:
        return {"test": np.arange(n_trials)}
    if n_drawn <= n_valid:
        raise DataError(
            f"{place}: {n_trials} trials, too few for {n_trials - n_drawn} to test and {n_valid} to validate on and "
            "one to train on; give more data, or test_perc=0."
        )
    drawn = np.random.RandomState(options.dataseed or 0).choice(n_trials, n_drawn, replace=False)
    rows = {
        "train": np.sort(drawn[: n_drawn - n_valid]),
        "valid": np.sort(drawn[n_drawn - n_valid :]),
        "test": np.setdiff1d(np.arange(n_trials), drawn),
    }
    return {name: chosen for name, chosen in rows.items() if len(chosen)}


def _cut(trials: RegionTrials, tlim: int | None, place: str) -> RegionTrials:
    longer = 0 if tlim is None else sum(len(trial) > tlim for trial in trials.ys)
    if not longer:
        return trials
    warnings.warn(
        f"{place}: {longer} of {len(trials.ys)} trials are longer than tlim = {tlim} bins; what comes later is left "
        "out.",
        UserWarning,
        stacklevel=2,
    )
    us = None if trials.us is None else [trial[:tlim] for trial in trials.us]
    return trials._replace(ys=[trial[:tlim] for trial in trials.ys], us=us)


def _lengths(session: RawSession) -> np.ndarray | None:
    if "lengths" not in session.arrays:
        return None
    return to_int64(np.reshape(session.arrays["lengths"], -1), f"{session.source}: lengths")


def _trials_of(session: RawSession, key: str, lengths: np.ndarray | None) -> list[np.ndarray] | None:
    """Returns the trials of an array: padded ones cut to their lengths, or those of a concatenation."""
    place, array = f"{session.source}: {key}", session.arrays.get(key)
    if array is None or (key == "us" and array.size == 0):
        return None  # nothing at all is how MATLAB writes that there are no inputs
    if lengths is not None and array.ndim == 2:
        if (lengths < 1).any() or int(lengths.sum()) != len(array):
            raise DataError(
                f"{place}: has {len(array)} rows, lengths {lengths.tolist()[:20]} add up to {int(lengths.sum())}; "
                "expected the bins of all trials one after the other, and the number of bins of each."
            )
        return np.split(array, np.cumsum(lengths)[:-1])
    check_axes(array, ("BTN",), {} if lengths is None else {"B": len(lengths)}, place)
    if lengths is None:
        return list(array)
    check_lengths(lengths, array.shape[1], f"{session.source}: lengths")
    return [trial[:length] for trial, length in zip(array, lengths, strict=True)]
