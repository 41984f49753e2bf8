from __future__ import annotations

import warnings

import numpy as np
import pytest

from indl_vae.data.worms import WormSet
from indl_vae.errors import DataError
from tests.data.worms.worm_sets import recording, worm_set


def test_nan_is_masked_and_gone():
    x = np.arange(12.0).reshape(4, 3)
    x[1, 2] = np.nan
    mask = np.ones((4, 3))
    mask[3, 0] = 0
    found = recording(x=x, n_frames=4, n_neurons=3, mask=mask)
    expected = np.arange(12.0).reshape(4, 3)
    expected[1, 2] = expected[3, 0] = 0.0
    np.testing.assert_array_equal(found.x, expected)
    np.testing.assert_array_equal(np.argwhere(found.mask == 0), [[1, 2], [3, 0]])
    assert found.x.dtype == found.mask.dtype == np.float32 and found.identity.dtype == np.int64


def test_what_is_infinite_under_the_mask_is_not_looked_at():
    x = np.ones((4, 3))
    x[1, 2] = np.inf
    mask = np.ones((4, 3))
    mask[1, 2] = 0
    assert recording(x=x, n_frames=4, n_neurons=3, mask=mask).x[1, 2] == 0


def test_segments_are_the_whole_recording_or_none_of_it():
    assert recording().segments == ((0, 30),) and recording().in_segments.all()
    assert recording(segments=()).segments == () and not recording(segments=()).in_segments.any()
    frames = recording(segments=[(2, 5), (5, 9)]).in_segments
    np.testing.assert_array_equal(np.flatnonzero(frames), np.arange(2, 9))


def test_a_behaviour_never_measured_is_told_and_masked():
    behavior = np.ones((30, 2))
    behavior[:, 1] = np.nan
    with pytest.warns(UserWarning, match="^b: pumping: never measured, masked throughout") as told:
        found = worm_set(recording("a"), recording("b", behavior=behavior))
    assert len(told) == 1
    np.testing.assert_array_equal(found.recordings["b"].behavior_mask, [[1.0, 0.0]] * 30)
    np.testing.assert_array_equal(found.scaled_behavior("b"), [[2.0, 0.0]] * 30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found.take(["b"]).uids == ("b",)


def test_a_set_says_what_it_holds():
    found = worm_set(recording("a"), recording("b", n_neurons=3))
    assert found.n_identities == 4 and found.behavior_dim == 2 and found.take(["b", "a"]).uids == ("b", "a")
    assert repr(found.recordings["b"]) == "WormRecording(b: 30 frames x 3 neurons, 2 labelled)"
    assert repr(found) == "WormSet(2 animals, 3 labels, ('velocity', 'pumping'))"
    plain = WormSet.of([recording()], ["unknown", *"abc"])
    assert plain.behavior_names == ("behavior_0", "behavior_1") and plain.behavior_divisor.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"x": np.ones(30)}, r"a: x: has shape \(30,\) and type float64, expected numbers \(frames, neurons\)"),
        ({"x": np.full((30, 5), "a")}, r"a: x: has shape \(30, 5\) and type <U1"),
        ({"behavior": np.ones((30, 0))}, r"a: behavior: has shape \(30, 0\).*expected numbers \(frames, behaviours\)"),
        ({"behavior": np.ones((29, 2))}, "a: behavior: has 29 frames, x has 30; expected arrays .* transpose or cut"),
        ({"x": np.full((30, 5), np.inf)}, "a: x: is infinite in frame 0, column 0; expected numbers, or NaN"),
        ({"mask": np.ones((5, 30))}, r"a: mask of x: has shape \(5, 30\), expected that of x, \(30, 5\)"),
        ({"mask": np.full((30, 5), 0.5)}, "a: mask of x: expected 1 where there is a value and 0 elsewhere; round it"),
        ({"behavior_mask": np.ones((30, 1))}, r"a: mask of behavior: has shape \(30, 1\)"),
        ({"identity": np.zeros(4)}, r"a: identity: has shape \(4,\), expected \(5,\): one number for each neuron"),
        ({"identity": np.full(5, 0.5)}, "a: identity: expected whole numbers, 0 for unknown"),
        ({"identity": np.full(5, -1)}, "a: identity: expected whole numbers, 0 for unknown"),
        ({"identity": np.full(5, np.nan)}, "a: identity: expected whole numbers, 0 for unknown"),
        ({"segments": [(0, 31)]}, r"a: segments: \(\(0, 31\),\), expected \(start, stop\).*within the 30 frames"),
        ({"segments": [(0, 20), (19, 30)]}, "a: segments: .*without overlap"),
        ({"segments": [(4, 4)]}, "a: segments: .*start < stop"),
        ({"dt": 0.0}, "a: dt: 0.0, expected the seconds from frame to frame, above 0, or None"),
        ({"dt": float("nan")}, "a: dt: nan, expected the seconds"),
        ({"uid": "a/b"}, "uid: 'a/b', expected a name without a slash"),
        ({"uid": ""}, "uid: '', expected a name"),
    ],
)
def test_a_recording_that_does_not_fit_together(fields, message):
    with pytest.raises(DataError, match=message):
        recording(**fields)


def _set(**fields):
    given = {"recordings": {"a": recording()}, "labels": ("unknown", *"xyz"), "behavior_names": ("v", "p")}
    return WormSet(**(given | {"behavior_divisor": np.ones(2)} | fields))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"recordings": {}}, "recordings: none, expected at least one animal"),
        ({"recordings": {"b": recording()}}, "recordings: 'b' holds the recording 'a'; use its uid as the key"),
        ({"labels": ("x", "y", "z")}, r"labels: start with \('x',\), expected 'unknown' at 0; put it in front"),
        ({"labels": ()}, r"labels: start with \(\), expected 'unknown' at 0"),
        ({"labels": ("unknown", "x", "x", "y")}, "labels: 'x' occurs twice, expected every name once"),
        ({"labels": ("unknown", "x", "y")}, "a: identity: 3 is no label; expected 0 to 2, the places in labels"),
        ({"behavior_names": ("v", "v")}, "behavior_names: 'v' occurs twice"),
        (
            {"behavior_names": ("v", "p", "q"), "behavior_divisor": np.ones(3)},
            "a: behavior: has 2 columns, expected 3: v, p, q",
        ),
        ({"behavior_divisor": np.ones(3)}, r"behavior_divisor: \[1.0, 1.0, 1.0\], expected 2 numbers above 0"),
        ({"behavior_divisor": [1.0, 0.0]}, r"behavior_divisor: \[1.0, 0.0\], expected 2 numbers above 0"),
        ({"behavior_divisor": [1.0, np.nan]}, r"behavior_divisor: \[1.0, nan\], expected 2 numbers above 0"),
    ],
)
def test_a_set_that_does_not_fit_together(fields, message):
    with pytest.raises(DataError, match=message):
        _set(**fields)


def test_names_of_animals():
    assert _set().uids == ("a",)
    with pytest.raises(DataError, match="recordings: two are called 'a'; give each a uid of its own"):
        worm_set(recording("a"), recording("a"))
    with pytest.raises(DataError, match="uids: no recording 'b', expected some of a"):
        _set().take(["b"])
