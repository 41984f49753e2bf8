"""From what coordinated dropout kept of the encoders' block to a mask of all the data."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import VisibleMask


@pytest.mark.parametrize("channels", [None, [0, 2], [3, 1]])
@pytest.mark.parametrize("head", [0, 2])
@pytest.mark.parametrize("tail", [0, 1])
def test_each_entry_finds_its_place(rng, channels, head, tail):
    seen = channels or range(4)
    kept = rng.random((3, 5, len(seen))) > 0.5
    mask = VisibleMask(4, channels, head, tail)(kept).numpy()
    assert mask.dtype == bool
    expected = np.zeros((3, head + 5 + tail, 4), bool)
    for place, channel in enumerate(seen):
        expected[:, :head, channel] = True
        expected[:, head : head + 5, channel] = kept[..., place]
    np.testing.assert_array_equal(mask, expected)


def test_channels_must_be_left_to_see():
    with pytest.raises(ConfigError, match="heldout_channels: expected at least one channel left for the encoders"):
        VisibleMask(4, [])
