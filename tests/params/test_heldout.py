from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indl_vae import make_params
from indl_vae.errors import ConfigError
from indl_vae.params import resolve_heldout


@pytest.mark.parametrize(
    ("spec", "n_channels", "expected"),
    [
        (None, 5, ()),
        (0, 5, ()),
        ([], 5, ()),
        (2, 5, (3, 4)),
        ("3::4", 12, (3, 7, 11)),
        ("-2:", 5, (3, 4)),
        ("4:1:-2", 6, (2, 4)),
        ("5:", 5, ()),
        ([4, 1], 5, (1, 4)),
        (np.array([4, 1]), 5, (1, 4)),
        (np.int64(1), 5, (4,)),
    ],
)
def test_channels(spec, n_channels, expected):
    assert resolve_heldout(spec, n_channels) == expected


@given(st.integers(1, 40), st.data())
def test_a_slice_is_pythons(n_channels, data):
    number = st.one_of(st.none(), st.integers(-50, 50))
    step = data.draw(st.one_of(st.none(), st.integers(-5, 5).filter(bool)))
    chosen = slice(data.draw(number), data.draw(number), step)
    text = ":".join("" if part is None else str(part) for part in (chosen.start, chosen.stop, chosen.step))
    expected = sorted(list(range(n_channels))[chosen])
    if 0 < len(expected) < n_channels:
        assert list(resolve_heldout(text, n_channels)) == expected


@pytest.mark.parametrize("spec", ["3", "a::b", "1:2:3:4", "::0", True, 1.5, [1.5], [True], {"a": 1}])
def test_what_is_no_choice_of_channels(spec):
    with pytest.raises(ConfigError, match=r"heldout_channels: expected a slice such as"):
        resolve_heldout(spec, 5)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (-1, "got -1 with a negative number"),
        ([1, -1], "with a negative number"),
        ([1, 1], "with a channel twice"),
        (6, "expected at most the number of channels less one, 4"),
        ([2, 9], r"the data have channels 0 to 4, got \[9\]"),
        ("7:", "chooses none of 5 channels"),
        ("3:1", "chooses none of 5 channels"),
        (5, "holds out all 5 channels"),
        ("::1", "holds out all 5 channels"),
        ([0, 1, 2, 3, 4], "holds out all 5 channels"),
    ],
)
def test_channels_that_do_not_fit(spec, message):
    with pytest.raises(ConfigError, match=message):
        resolve_heldout(spec, 5)


def test_equal_meanings_are_equal_parameters():
    assert make_params("lfads", heldout_channels=[3, 5]).heldout_channels == (3, 5)
    assert make_params("lfads", heldout_channels=0) == make_params("lfads", CS_DIM=0) == make_params("lfads")
    assert make_params("lfads", CS_DIM=3).heldout_channels == 3
    assert make_params("lfads", n_heldin=45).heldout_channels == "45:"
    assert resolve_heldout(make_params("lfads", n_heldin=45).heldout_channels, 60) == tuple(range(45, 60))
