"""The penalty on parallel inferred inputs against its formula."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.errors import ConfigError
from indl_vae.layers import MeanCorrelation


@pytest.mark.parametrize("masked", [False, True])
def test_formula(rng, masked):
    means = rng.normal(size=(3, 6, 4)).astype("f4")
    counted = (np.arange(6) < [[6], [3], [0]]).astype("f4") if masked else np.ones((3, 6), "f4")
    expected = np.zeros(3)
    for i in range(4):
        for j in range(i + 1, 4):
            expected += 0.5 * np.sum(means[..., i] * means[..., j] * counted, 1) ** 2 / 6
    given = np.where(counted[..., None] > 0, means, np.nan)
    found = MeanCorrelation()(tf.constant(given), tf.constant(counted) if masked else None)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert masked == (found[2] == 0.0)


def test_one_input_has_no_pair():
    with pytest.raises(ConfigError, match=r"MeanCorrelation: expected at least 2 inferred inputs, got 1"):
        MeanCorrelation()(tf.zeros((2, 3, 1)))
