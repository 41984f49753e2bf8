"""A file that keeps channels and bins from the encoders is trained on as it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indl_vae.training.train import hold_out_as
from tests.training.tiny import tiny_dataset, tiny_params


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, (2, 3)), ({"heldout_channels": [0]}, ((0,), 3)), ({"heldout_bins": 1}, (2, 1))],
)
def test_what_the_file_holds_out_unless_the_parameters_do(settings, expected):
    dataset = replace(tiny_dataset(), heldout_channels=2, heldout_bins=3)
    params = hold_out_as(tiny_params(**settings), dataset)
    assert (params.heldout_channels, params.heldout_bins) == expected


def test_an_ordinary_file_changes_nothing():
    params = tiny_params()
    assert hold_out_as(params, tiny_dataset()) is params
