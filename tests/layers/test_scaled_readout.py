"""Read-outs and inputs in units of each channel's spread."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.distributions.likelihoods import GaussianLikelihood
from indl_vae.layers import ChannelScale, ScaledReadout

CENTER, SPREAD = np.array([3.0, -200.0], "f4"), np.array([0.01, 50.0], "f4")


@pytest.mark.parametrize("units", [2, 4])
def test_means_and_deviations_are_scaled(rng, units):
    inputs = rng.normal(size=(3, 4, 5)).astype("f4")
    layer = ScaledReadout(units, n_channels=2)
    plain = np.asarray(layer(inputs))
    np.testing.assert_allclose(plain, inputs @ np.asarray(layer.kernel), rtol=1e-4, atol=2e-6)
    likelihood = GaussianLikelihood(2, scale="per_bin" if units == 4 else "fixed")
    before = likelihood.distribution(plain)
    layer.center.assign(CENTER)
    layer.spread.assign(SPREAD)
    after = likelihood.distribution(layer(inputs))
    np.testing.assert_allclose(after.mean(), before.mean() * SPREAD + CENTER, rtol=1e-5)
    if units == 4:
        np.testing.assert_allclose(
            after.stddev(), before.stddev() * SPREAD, rtol=1e-4, atol=2e-5
        )  # the floor is not scaled


def test_inputs_get_mean_0_and_deviation_1(rng):
    x = (rng.normal(size=(50, 40, 2)) * SPREAD + CENTER).astype("f4")
    layer = ChannelScale()
    np.testing.assert_array_equal(layer(x), x)
    layer.center.assign(CENTER)
    layer.spread.assign(SPREAD)
    np.testing.assert_allclose(np.asarray(layer(x)).mean((0, 1)), 0.0, atol=0.1)
    np.testing.assert_allclose(np.asarray(layer(x)).std((0, 1)), 1.0, atol=0.1)
