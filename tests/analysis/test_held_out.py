from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from indl_vae.analysis.held_out import HeldOut
from indl_vae.errors import ConfigError
from tests.analysis.example_data import make_dataset, make_split


def test_blocks_are_disjoint_and_cover_everything():
    blocks = HeldOut((1, 4), 5).blocks(20, 6)
    np.testing.assert_array_equal(sum(block.astype(int) for block in blocks.values()), 1)
    assert blocks["bins"].sum() == 5 * 6
    assert blocks["channels"].sum() == 15 * 2 and blocks["channels"][:15, [1, 4]].all()


def test_hidden_counts_are_gone_and_the_rest_is_untouched():
    split = make_split()
    hidden = HeldOut((1, 4), 5).hide(split).x
    seen = HeldOut((1, 4), 5).blocks(20, 6)["seen"]
    np.testing.assert_array_equal(hidden[:, seen], split.x[:, seen])
    assert not hidden[:, ~seen].any() and split.x[:, ~seen].any()


def test_without_anything_held_out_the_split_passes_through():
    split = make_split()
    assert HeldOut().hide(split) is split
    assert HeldOut().blocks(20, 6)["seen"].all()


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, HeldOut()),
        ({"heldout_channels": None, "heldout_bins": 0}, HeldOut()),
        ({"heldout_channels": "3::4", "heldout_bins": 2}, HeldOut((3,), 2)),
        ({"heldout_channels": 2}, HeldOut((4, 5), 0)),
    ],
)
def test_is_read_from_params(params, expected):
    assert HeldOut.from_params(params, make_dataset()) == expected


def test_the_file_decides_where_params_do_not():
    dataset = dataclasses.replace(make_dataset(), heldout_channels=2, heldout_bins=3)
    assert HeldOut.from_params({}, dataset) == HeldOut((4, 5), 3)
    assert HeldOut.from_params({"heldout_channels": [0]}, dataset) == HeldOut((0,), 3)


def test_channels_that_do_not_exist_are_refused():
    with pytest.raises(ConfigError, match="heldout_channels"):
        HeldOut.from_params({"heldout_channels": [9]}, make_dataset())
