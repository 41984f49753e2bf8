from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.worms import cut_worms, split_animals, split_time
from indl_vae.errors import ConfigError, DataError
from tests.data.worms.worm_sets import recording, worm_set


@pytest.mark.parametrize(("n", "n_val"), [(2, 1), (5, 1), (21, 4), (40, 8)])
def test_numbers_of_animals(n, n_val):
    uids = [f"worm-{i:02d}" for i in range(n)]
    train, valid = split_animals(uids)
    assert len(valid) == n_val and sorted(train + valid) == uids
    assert split_animals(reversed(uids)) == (train, valid), "the order they come in does not matter"


def test_the_draw_is_that_of_the_other_package():
    # random.Random(0) shuffles a b c d e to c b a e d.
    assert split_animals("edcba", 0.4) == (("a", "e", "d"), ("c", "b"))
    assert split_animals("abcde", seed=3)[1] != split_animals("abcde")[1]


def test_time_is_split_with_a_gap():
    worms = worm_set(recording("a", n_frames=100, segments=[(0, 50), (50, 100)]), recording("b", n_frames=41))
    train, valid = split_time(worms, 0.3, gap=10)
    assert train.recordings["a"].segments == ((0, 50), (50, 60)) and valid.recordings["a"].segments == ((70, 100),)
    assert train.recordings["b"].segments == ((0, 19),) and valid.recordings["b"].segments == ((29, 41),)
    windows = [cut_worms(part, 10, 3) for part in (train, valid)]
    assert windows[0].starts.max() + 10 == 60 and windows[1].starts.max() == 90
    last = [max(some.starts[some.recording == 1]) + 9 for some in windows]
    first = min(windows[1].starts[windows[1].recording == 1])
    assert first - last[0] == 11, "ten frames are in no window"


def test_a_split_may_lie_within_a_later_segment():
    worms = worm_set(recording("a", n_frames=100, segments=[(0, 90), (90, 100)]))
    train, valid = split_time(worms, 0.5, gap=0)
    assert train.recordings["a"].segments == ((0, 50),) and valid.recordings["a"].segments == ((50, 90), (90, 100))
    np.testing.assert_array_equal(train.recordings["a"].x, worms.recordings["a"].x)
    assert split_time(worms, 0.5, gap=60)[0].recordings["a"].segments == ()


def test_splits_that_cannot_be():
    for share in (0.0, 1.0, -0.1, float("nan")):
        with pytest.raises(ConfigError, match=f"val_frac: {share}, expected a share between 0 and 1"):
            split_animals("abc", share)
    with pytest.raises(ConfigError, match="val_frac: 2.0"):
        split_time(worm_set(recording()), 2.0)
    with pytest.raises(ConfigError, match="gap: -1, expected a number of frames from 0 up"):
        split_time(worm_set(recording()), gap=-1)
    with pytest.raises(DataError, match="uids: 1 animals, of which 1 would validate; .*split its time: split_time"):
        split_animals("a")
    with pytest.raises(DataError, match="uids: a name occurs twice"):
        split_animals("aab")
