from __future__ import annotations

import numpy as np
import pytest

from indl_vae.data import visible_mask
from indl_vae.errors import ConfigError


def test_share_of_hidden_entries():
    mask = visible_mask(np.arange(50), 40, 30, rate=0.1, seed=3)
    hidden = (~mask).mean()
    # Five standard deviations of a binomial share over 60,000 entries.
    assert abs(hidden - 0.1) < 5 * np.sqrt(0.1 * 0.9 / mask.size)


def test_depends_on_seed_and_trial_number_alone():
    whole = visible_mask(np.arange(10), 6, 5, 0.3, seed=1)
    np.testing.assert_array_equal(visible_mask(np.array([7, 2]), 6, 5, 0.3, seed=1), whole[[7, 2]])
    np.testing.assert_array_equal(visible_mask(np.arange(10), 9, 5, 0.3, seed=1)[:, :6], whole)
    assert (visible_mask(np.arange(10), 6, 5, 0.3, seed=2) != whole).any()
    assert (whole[0] != whole[1]).any()


def test_negative_seed_and_no_hiding():
    assert visible_mask(np.arange(2), 3, 3, 0.0, seed=-1).all()


@pytest.mark.parametrize("rate", [-0.1, 1.0, np.nan])
def test_rate_out_of_range(rate):
    with pytest.raises(ConfigError, match="hidden_rate: .*expected a share from 0"):
        visible_mask(np.arange(2), 3, 3, rate)
