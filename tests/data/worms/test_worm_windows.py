from __future__ import annotations

import warnings

import numpy as np
import pytest

from indl_vae.data.worms import cut_worms
from indl_vae.errors import ConfigError, DataError
from tests.data.worms.worm_sets import recording, worm_set


def starts_of(windows, uid):
    return windows.starts[windows.recording == windows.uids.index(uid)].tolist()


@pytest.mark.filterwarnings("error")
def test_windows_stay_within_segments_and_lose_no_tail():
    worms = worm_set(recording("a", segments=[(0, 13), (13, 30)]), recording("b", n_frames=20))
    windows = cut_worms(worms, 10, 4)
    assert starts_of(windows, "a") == [0, 3, 13, 17, 20] and starts_of(windows, "b") == [0, 4, 8, 10]
    for start in starts_of(windows, "a"):
        assert start + 10 <= 13 or start >= 13
    covered = {frame for start in starts_of(windows, "a") for frame in range(start, start + 10)}
    assert covered == set(range(30))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("n_frames", "window", "stride"), [(800, 200, 50), (30, 10, 4), (30, 10, 15), (10, 10, 3), (7, 1, 1)]
)
def test_without_the_tail_windows_are_those_of_the_other_package(n_frames, window, stride):
    worms = worm_set(recording(n_frames=n_frames))
    expected = []
    while len(expected) * stride + window <= n_frames:
        expected.append(len(expected) * stride)
    assert starts_of(cut_worms(worms, window, stride, keep_tail=False), "a") == expected
    tail = [n_frames - window] if expected[-1] + window < n_frames else []
    assert starts_of(cut_worms(worms, window, stride), "a") == expected + tail


def test_windows_hold_what_the_recordings_hold():
    behavior = np.arange(60.0).reshape(30, 2)
    behavior[5, 1] = np.nan
    x = np.random.default_rng(1).normal(size=(30, 5))
    x[7, 2] = np.nan
    worms = worm_set(recording("a", x=x, behavior=behavior), recording("b", n_neurons=9, seed=4))
    windows = cut_worms(worms, 10, 5)
    kept = {"a": [1, 2, 3], "b": [1, 2, 3, 5, 6, 7]}
    assert windows.x.shape == (10, 10, 6) and len(windows) == 10
    for row, (number, start) in enumerate(zip(windows.recording, windows.starts, strict=True)):
        uid = windows.uids[number]
        one, n, frames = worms.recordings[uid], len(kept[uid]), slice(start, start + 10)
        assert windows.neurons[uid].tolist() == kept[uid]
        np.testing.assert_array_equal(windows.x[row, :, :n], one.x[frames, kept[uid]])
        np.testing.assert_array_equal(windows.mask[row, :, :n], one.mask[frames, kept[uid]])
        np.testing.assert_array_equal(windows.identity[row, :n], one.identity[kept[uid]])
        np.testing.assert_array_equal(windows.behavior[row], one.behavior[frames] / np.array([0.5, 2.0]))
        np.testing.assert_array_equal(windows.behavior_mask[row], one.behavior_mask[frames])
        for padded in (windows.x[row, :, n:], windows.mask[row, :, n:], windows.identity[row, n:]):
            assert not padded.any()
    assert (windows.mask == 0).sum() > 10 * 3 * 5 and windows.behavior_mask.min() == 0
    assert windows.x.dtype == windows.mask.dtype == windows.behavior.dtype == np.float32


def test_unlabelled_neurons_are_kept_on_request():
    worms = worm_set(recording("a"), recording("none", identity=np.zeros(5)))
    with pytest.warns(UserWarning, match="^none: no neuron is labelled, left out; ignore_unlabeled=False keeps it"):
        assert cut_worms(worms, 10, 5).uids == ("a",)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        windows = cut_worms(worms, 10, 5, ignore_unlabeled=False)
    assert windows.uids == ("a", "none") and windows.x.shape[2] == 5
    assert windows.identity[-1].tolist() == [0] * 5 and windows.mask[-1].all()


def test_what_is_too_short_is_named():
    worms = worm_set(recording("long"), recording("short", n_frames=9), recording("none", segments=()))
    with pytest.warns(UserWarning) as told:
        windows = cut_worms(worms, 10, 5)
    assert windows.uids == ("long",)
    assert [str(one.message) for one in told] == [
        "short: segments of 9 (0 to 8) frames are too short for a window of 10; the animal is left out.",
        "none: no segment is left; it is too short for a window of 10; the animal is left out.",
    ]
    with pytest.warns(UserWarning, match=r"a: segments of 5 \(0 to 4\) frames are too short.*other segments are kept"):
        assert starts_of(cut_worms(worm_set(recording(segments=[(0, 5), (5, 30)])), 10, 15), "a") == [5, 20]


def test_batches():
    windows = cut_worms(worm_set(recording()), 10, 5)
    batch = windows.batch(np.array([2, 0]))
    assert list(batch) == ["x", "mask", "behavior", "behavior_mask", "identity"]
    np.testing.assert_array_equal(batch["x"], windows.x[[2, 0]])
    assert len(windows.batch()["identity"]) == len(windows) == 5


@pytest.mark.filterwarnings("ignore:.*too short")
def test_windows_that_cannot_be():
    worms = worm_set(recording())
    with pytest.raises(ConfigError, match="window: 0, expected a number of bins, 1 or more"):
        cut_worms(worms, 0)
    for stride in (0, 1.5, True):
        with pytest.raises(ConfigError, match=f"stride: {stride}, expected a number of frames, 1 or more"):
            cut_worms(worms, 10, stride)
    with pytest.raises(DataError, match="window_T: no animal has a labelled neuron and a segment of 31 frames"):
        cut_worms(worms, 31)
