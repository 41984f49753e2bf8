"""Inverted dropout: its statistics, and where it does nothing."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import Dropout


@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_share_of_zeros_and_mean(rate):
    ones = np.ones((10, 50, 40), "f4")
    output = Dropout(rate, seed=1)(ones, training=True).numpy()
    np.testing.assert_allclose(np.unique(output), [0.0, 1 / (1 - rate)], rtol=1e-6)
    error = np.sqrt(rate * (1 - rate) / ones.size)
    assert abs((output == 0).mean() - rate) < 4 * error
    assert abs(output.mean() - 1.0) < 4 * error / (1 - rate)


def test_bins_of_a_channel_are_drawn_one_by_one():
    output = Dropout(0.5, seed=1)(np.ones((1, 4000, 2), "f4"), training=True).numpy()[0] > 0
    assert abs(np.corrcoef(output[:-1, 0], output[1:, 0])[0, 1]) < 0.07
    assert abs(np.corrcoef(output.T)[0, 1]) < 0.07


@pytest.mark.parametrize(("rate", "training"), [(0.4, False), (0.0, True)])
def test_otherwise_nothing_happens(rng, rate, training):
    x = rng.normal(size=(3, 5)).astype("f4")
    np.testing.assert_array_equal(Dropout(rate)(x, training=training), x)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(ConfigError, match=r"rate of Dropout: expected a number in \[0, 1\), got"):
        Dropout(rate)
