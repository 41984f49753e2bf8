"""worm_dataset: recordings of worms as a checked Dataset."""

from __future__ import annotations

from indl_vae.data.assemble import assemble
from indl_vae.data.dataset import Dataset
from indl_vae.data.worms.worm_options import WormOptions
from indl_vae.data.worms.worm_session import worm_session
from indl_vae.data.worms.worm_set import WormSet


def worm_dataset(
    worms: WormSet,
    window_T: int = 200,
    stride: int = 50,
    *,
    val_frac: float = 0.2,
    test_frac: float = 0.0,
    split: str = "animals",
    normalise: str = "none",
    ignore_unlabeled: bool = True,
    seed: int = 0,
    gap: int = 100,
    likelihood: str = "gaussian",
    bin_width_s: float | None = None,
) -> Dataset:
    """Divides animals and cuts them into windows.

    Args:
        worms: The animals.
        window_T: Frames of a window.
        stride: Frames from the start of a window to that of the next; the last window of a segment ends with it.
        val_frac: Share to validate on: of the animals, at least one, or of each recording's time.
        test_frac: Share to test on, likewise; 0 for none.
        split: "animals": an animal is in one split as a whole. "time": of every recording the beginning trains, the
            end tests, and what is before the test validates.
        normalise: "zscore" gives each neuron mean 0 and deviation 1. With split "time" they are measured in training
            frames alone; an animal that is held out as a whole has neurons of its own and is measured by itself.
        ignore_unlabeled: Whether neurons that are not identified are left out.
        seed: Seed of the draw of animals.
        gap: With split "time": frames before a later split that no split has.
        likelihood, bin_width_s: As for `load_dataset`; the width is by default the median one of the recordings.

    Returns:
        The windows as trials, all splits with as many channels as the largest animal has neurons: x, mask (0 also for
        channels that an animal does not have), identity, ext_input, which is the behaviour in units of its divisors.
        A behaviour that was not measured is 0 there, as if it were at rest: no mask goes with an external input.
        Extras: sequence_id, the animal's number in `worms.uids`, and start, the window's first frame. `Dataset.worms`
        says which neuron a channel is and undoes the scales.

    Raises:
        ConfigError: An argument is out of its range.
        DataError: There are too few animals, or no window fits.
    """
    options = WormOptions(window_T, stride, val_frac, test_frac, split, normalise, ignore_unlabeled, seed, gap)
    session = worm_session(worms, options)
    names = ("train", "valid", "test") if test_frac else ("train", "valid")
    return assemble(session, names, likelihood=likelihood, bin_width_s=bin_width_s)
