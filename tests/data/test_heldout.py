from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import encoder_mask
from indl_vae.errors import ConfigError


def test_channels_and_bins_are_hidden():
    mask = encoder_mask(4, 3, np.array([2]), heldout_bins=1)
    expected = np.zeros((4, 3), np.float32)
    expected[:3, :2] = 1
    np.testing.assert_array_equal(mask, expected)


def test_nothing_held_out():
    assert encoder_mask(4, 3, np.zeros(0, int)).all()


@pytest.mark.parametrize("bins", [-1, 4])
def test_bins_must_leave_some(bins):
    with pytest.raises(ConfigError, match=f"heldout_bins: {bins}, expected 0 to 3 for 4 bins"):
        encoder_mask(4, 3, np.array([2]), heldout_bins=bins)
