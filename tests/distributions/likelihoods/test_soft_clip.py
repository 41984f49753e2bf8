"""The value is clipped, the gradient is not."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.distributions.likelihoods.soft_clip import soft_clip
from tests.distributions.helpers import value_and_gradients


@pytest.mark.parametrize("jit", [False, True])
def test_value_is_bounded_and_gradient_is_that_of_the_identity(jit):
    x = tf.Variable([-1e9, -3.0, 0.5, 3.0, 1e9])
    value, (gradient,) = value_and_gradients(lambda: 2.0 * soft_clip(x, -2.0, 2.0), [x], jit)
    np.testing.assert_array_equal(value, [-4.0, -4.0, 1.0, 4.0, 4.0])
    np.testing.assert_array_equal(gradient, [2.0] * 5)
