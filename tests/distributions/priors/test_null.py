"""No prior costs nothing and draws zeros."""

from __future__ import annotations

import numpy as np

from indl_vae.distributions.priors import NullPrior


def test_point_mass_at_zero():
    prior = NullPrior(3)
    assert prior.weights == []
    np.testing.assert_array_equal(prior.sample(2, 4), np.zeros((2, 4, 3)))
    np.testing.assert_array_equal(prior.distribution().mean(), np.zeros(3))
