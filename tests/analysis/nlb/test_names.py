from __future__ import annotations

import pytest

from indl_vae.analysis.nlb import check_name, group_name
from indl_vae.analysis.nlb.names import dataset_of
from indl_vae.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "width", "group"),
    [
        ("mc_maze", 0.005, "mc_maze"),
        ("mc_maze", 0.02, "mc_maze_20"),
        ("mc_maze_20", 0.02, "mc_maze_20"),
        ("mc_maze_large", 0.02, "mc_maze_large_20"),
        ("dmfc_rsg", 0.010, "dmfc_rsg_10"),
        ("session_3", 0.02, "session_3_20"),
        ("session_3", 0.005, "session_3"),
    ],
)
def test_the_bin_width_is_a_suffix_unless_it_is_five(name, width, group):
    assert group_name(name, width) == group


def test_the_data_set_of_a_group():
    assert [dataset_of(group) for group in ("dmfc_rsg", "dmfc_rsg_20", "mc_maze_large")] == [
        "dmfc_rsg",
        "dmfc_rsg",
        "mc_maze_large",
    ]


@pytest.mark.parametrize(
    ("name", "width", "message"),
    [
        ("mc/maze", 0.02, "name: 'mc/maze', expected letters, digits"),
        ("", 0.02, "name: '', expected letters"),
        ("mc_maze", None, "the data do not say how wide a bin is"),
        ("mc_maze", 0.0125, "0.0125, expected a whole number of milliseconds"),
        ("mc_maze", 0.0, "expected a whole number of milliseconds"),
        ("mc_maze_20", 0.005, "suffix of other bins than the data's, of 5 ms"),
        ("mc_maze_5", 0.02, "suffix of other bins than the data's, of 20 ms"),
    ],
)
def test_what_cannot_be_a_group(name, width, message):
    with pytest.raises(ConfigError, match=message):
        group_name(name, width)


def test_a_name_is_returned():
    assert check_name("mc_rtt") == "mc_rtt"
