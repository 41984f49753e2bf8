"""Which entries the loss may learn from."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.errors import ConfigError
from indl_vae.layers import GradientGate


@pytest.fixture
def seen(rng):
    return rng.random((10, 40, 30)) > 0.3


def test_unseen_entries_alone_are_open(seen):
    for training in (False, True):
        np.testing.assert_array_equal(GradientGate()(seen, training=training), ~seen)


def test_a_share_of_the_seen_ones_opens_while_training(seen):
    layer = GradientGate(0.2, seed=1)
    open_ = layer(seen, training=True).numpy()
    assert open_[~seen].all()
    assert abs(open_[seen].mean() - 0.2) < 4 * np.sqrt(0.16 / seen.sum())
    np.testing.assert_array_equal(layer(seen), ~seen)
    assert GradientGate(1.0)(seen, training=True).numpy().all()


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(ConfigError, match=r"pass_rate of GradientGate: expected a number in \[0, 1\], got"):
        GradientGate(rate)
