from __future__ import annotations

import numpy as np
import pytest

from indl_vae.analysis import rates_hz
from indl_vae.errors import ConfigError


def test_a_rate_of_one_in_ten_milliseconds_is_100_hz():
    np.testing.assert_allclose(rates_hz(np.array([[1.0, 0.05]]), 0.01), [[100.0, 5.0]])


@pytest.mark.parametrize("width", [None, float("nan")])
def test_an_unknown_width_is_refused(width):
    with pytest.raises(ConfigError, match="bin_width_s: expected the width of a bin in seconds, got none"):
        rates_hz([1.0], width)


@pytest.mark.parametrize("width", [0.0, -1.0, float("inf")])
def test_an_impossible_width_is_refused(width):
    with pytest.raises(ConfigError, match="bin_width_s: expected seconds above 0"):
        rates_hz([1.0], width)


def test_trials_of_different_lengths_stay_a_list():
    found = rates_hz([np.full((3, 2), 0.1), np.full((5, 2), 0.2)], 0.01)
    assert [trial.shape for trial in found] == [(3, 2), (5, 2)]
    np.testing.assert_allclose(found[1], 20.0)
