from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data.worms.frame_ranges import segments_from_ranges
from indl_vae.data.worms.identify import identify
from indl_vae.data.worms.neuron_labels import trusted_labels
from indl_vae.errors import DataError
from tests.data.worms.worm_sets import recording


def entry(label, confidence=4.0, **more):
    return {"label": label, "confidence": confidence} | more


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"1": entry("AVAL"), "5": entry("RID")}, {0: "AVAL", 4: "RID"}),
        ({"2": [entry("AVAL")]}, {1: "AVAL"}),
        ({"2": [entry("AVAL"), entry("AVAR")]}, {}),
        ({"2": []}, {}),
        ({"2": entry("AVA?")}, {}),
        ({"2": entry("AVAL-alt")}, {}),
        ({"2": entry("AVAL", alternatives=["AVAR"])}, {}),
        ({"2": entry("AVAL", alternatives=[])}, {1: "AVAL"}),
        ({"2": entry("AVAL", 3)}, {1: "AVAL"}),
        ({"2": entry("AVAL", 2.5)}, {}),
        ({"2": entry("AVAL", "3.5")}, {1: "AVAL"}),
        ({"2": entry("AVAL", None)}, {}),
        ({"2": entry("AVAL", float("nan"))}, {}),
        ({"1": entry("RID", 3), "4": entry("RID", 5), "5": entry("RID", 3.5)}, {3: "RID"}),
        ({"5": entry("RID"), "3": entry("RID")}, {2: "RID"}),
        ({"10": entry("A"), "9": entry("A")}, {8: "A"}),
        ({"1": entry(" RID "), "2": entry("")}, {0: "RID"}),
        ({}, {}),
    ],
)
def test_which_labels_are_trusted(entries, expected):
    assert trusted_labels(entries, 10, "f: a") == expected


def test_the_least_confidence():
    entries = {"1": entry("A", 3.5), "2": entry("B", 3.0), "3": {"label": "C"}}
    assert set(trusted_labels(entries, 3, "f", 3.5).values()) == {"A"}
    assert set(trusted_labels(entries, 3, "f", 0).values()) == {"A", "B", "C"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([entry("A")], "f: a: is a list, expected labels by trace number"),
        ({"0": entry("A")}, "f: a: '0' is no trace, expected numbers counted from 1 to 10"),
        ({"11": entry("A")}, "f: a: '11' is no trace"),
        ({"x": entry("A")}, "f: a: 'x' is no trace"),
        ({"²": entry("A")}, "f: a: '²' is no trace"),
        ({"3": "A"}, "f: a: 3: expected an object with 'label' .text. and 'confidence', got A"),
        ({"3": {"confidence": 4}}, "f: a: 3: expected an object with 'label'"),
        ({"3": {"label": None}}, "f: a: 3: expected an object with 'label'"),
        ({"3": entry("A", "high")}, "f: a: 3: confidence: 'high', expected a number from 1 to 5"),
    ],
)
def test_labels_of_another_form(entries, message):
    with pytest.raises(DataError, match=message):
        trusted_labels(entries, 10, "f: a")


def test_labels_become_numbers_of_one_list():
    animals = [recording("a"), recording("b"), recording("none")]
    found = {"a": {0: "RID", 3: "AVAL"}, "b": {4: "RID", 1: "SMDVL"}}
    numbered, labels = identify(animals, found)
    assert labels == ("unknown", "AVAL", "RID", "SMDVL")
    assert [one.identity.tolist() for one in numbered] == [[2, 0, 0, 1, 0], [0, 3, 0, 0, 2], [0] * 5]
    for given in (["RID", "AVAL"], ["unknown", "RID", "AVAL"]):
        with pytest.warns(UserWarning, match="labels: not in the list, taken as unknown: SMDVL"):
            numbered, labels = identify(animals, found, given)
        assert labels == ("unknown", "RID", "AVAL")
        assert [one.identity.tolist() for one in numbered[:2]] == [[1, 0, 0, 2, 0], [0, 0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([[1, 800], [801, 1600]], ((0, 800), (800, 1600))),
        ([[1, 801], [800, 1600]], ((0, 800), (800, 1600))),
        ([[1, 1600]], ((0, 1600),)),
        ([[1], [1600]], ((0, 1600),)),
        ([1, 1600], ((0, 1600),)),
        ([[1, 500], [501, 900], [950, 1600]], ((0, 500), (500, 900), (949, 1600))),
        ([[1, 501, 950], [500, 900, 1600]], ((0, 500), (500, 900), (949, 1600))),
    ],
)
def test_ranges_of_frames(ranges, expected):
    assert segments_from_ranges(np.array(ranges), 1600, "f") == expected


@pytest.mark.parametrize("ranges", [[[0, 800], [801, 1600]], [[1, 1601]], [[5, 4]], [[1, 2, 3]], [[1, 9], [9, 12]], []])
def test_ranges_that_are_none(ranges):
    with pytest.raises(DataError, match="f: .* expected first and last frames .* counted from 1 to 1600"):
        segments_from_ranges(np.array(ranges), 1600, "f")
