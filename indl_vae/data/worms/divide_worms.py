"""Divides animals, or their time, into the splits of a data set."""

from __future__ import annotations

from indl_vae.data.worms.normalise import WormScalers
from indl_vae.data.worms.splits import split_animals, split_time
from indl_vae.data.worms.worm_options import WormOptions
from indl_vae.data.worms.worm_set import WormSet
from indl_vae.errors import DataError


def divide_worms(worms: WormSet, options: WormOptions, whole: bool = False) -> dict[str, WormSet]:
    """Returns the animals of each split, train, valid and perhaps test, in recorded units.

    Of animals, those that validate are the ones that `split_animals` draws, whatever the test's share. Of time, the
    end of a recording is for the test, what is before it validates.

    Args:
        worms: The animals.
        options: Shares, what is divided, seed and gap.
        whole: Whether all is for the test.

    Raises:
        DataError: There are too few animals.
    """
    if whole:
        return {"test": worms}
    if options.split == "time":
        return _by_time(worms, options)
    n = len(worms.uids)
    n_test = max(1, round(options.test_frac * n)) if options.test_frac else 0
    n_valid = max(1, round(options.val_frac * n))
    if n_valid + n_test >= n:
        if options.whole_if_short:
            return {"test": worms}
        raise DataError(
            f"worms: {n} animals, too few for {n_valid} to validate and {n_test} to test on and one to train on; give "
            "more animals, or divide their time: split='time'."
        )
    train, valid = split_animals(worms.uids, options.val_frac, options.seed)
    chosen = {"train": train[: len(train) - n_test], "valid": valid, "test": train[len(train) - n_test :]}
    return {name: worms.take(sorted(uids)) for name, uids in chosen.items() if uids}


def fit_scalers(worms: WormSet, divided: dict[str, WormSet], options: WormOptions) -> WormScalers:
    """Returns scales of every animal's neurons.

    Of divided time only frames of the training split count. An animal that is held out as a whole has neurons that no
    other has, so it is measured by itself.

    Args:
        worms: All animals.
        divided: The same by split.
        options: `normalise`; with "none" the scales are those that the animals were read with, if any.
    """
    if options.normalise == "none":
        scaled_before = all("scaler_mean" in one.extras for one in worms.recordings.values())
        return WormScalers.of(worms) if scaled_before else WormScalers.fit(worms, "none")
    by_time = options.split == "time" and "train" in divided
    return WormScalers.fit(divided["train"] if by_time else worms, options.normalise)


def _by_time(worms: WormSet, options: WormOptions) -> dict[str, WormSet]:
    train, valid = split_time(worms, options.val_frac + options.test_frac, options.gap)
    if not options.test_frac:
        return {"train": train, "valid": valid}
    valid, test = split_time(valid, options.test_frac, options.gap)
    return {"train": train, "valid": valid, "test": test}
