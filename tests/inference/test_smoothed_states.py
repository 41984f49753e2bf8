"""Smoothed states are those that the evidence's gradients tell, and can be differentiated."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from indl_vae.inference.forward_backward import state_posteriors
from indl_vae.inference.smoothed_states import smoothed_states


def draw(n_states, n_bins, seed=0):
    rng = np.random.default_rng(seed)
    parts = (
        np.log(rng.dirichlet(np.ones(n_states), 4)),
        np.log(rng.dirichlet(np.ones(n_states), (4, n_bins - 1, n_states))),
        rng.normal(size=(4, n_bins, n_states)) * 3.0,
    )
    return [tf.constant(part, tf.float32) for part in parts]


@pytest.mark.parametrize(("n_states", "n_bins"), [(1, 3), (2, 1), (2, 9), (5, 7)])
@pytest.mark.parametrize("masked", [False, True])
def test_they_are_the_gradients_of_the_evidence(n_states, n_bins, masked):
    chain = draw(n_states, n_bins)
    steps = tf.constant((np.arange(n_bins) < np.array([[n_bins], [1], [2], [n_bins]])).astype("f4")) if masked else None
    expected = state_posteriors(*chain, steps).states
    np.testing.assert_allclose(smoothed_states(*chain, steps), expected, atol=1e-5)


def test_a_loss_of_them_has_the_same_gradient_with_and_without_xla():
    chain = draw(2, 8)

    def gradient(density):
        with tf.GradientTape() as tape:
            tape.watch(density)
            loss = tf.reduce_sum(tf.square(smoothed_states(chain[0], chain[1], density)))
        return tape.gradient(loss, density)

    plain = tf.function(gradient, autograph=False)(chain[2])
    compiled = tf.function(gradient, jit_compile=True, autograph=False)(chain[2])
    np.testing.assert_allclose(compiled, plain, atol=1e-5)
    shift = 1e-2
    ahead, behind = (smoothed_states(*chain[:2], chain[2] + s * shift * plain) for s in (1.0, -1.0))
    numeric = (tf.reduce_sum(tf.square(ahead)) - tf.reduce_sum(tf.square(behind))) / (2 * shift)
    np.testing.assert_allclose(numeric, tf.reduce_sum(tf.square(plain)), rtol=0.02)
