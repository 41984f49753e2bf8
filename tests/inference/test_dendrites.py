"""Sums of rectifiers and their gradients against the same sum as TensorFlow differentiates it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.inference.dendrites import dendrite_slopes, dendrites


def plain(u, thresholds, weights, slope):
    away = u[..., None, :] - thresholds
    return tf.reduce_sum(weights[:, None] * tf.where(away > 0, away, slope * away), -2)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    lead=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    bases=st.integers(1, 4),
    dim=st.integers(1, 3),
    slope=st.sampled_from([0.0, 0.18]),
)
def test_values_and_gradients(seed, lead, bases, dim, slope):
    rng = np.random.default_rng(seed)
    given_ = [tf.constant(rng.normal(size=shape)) for shape in ((*lead, dim), (bases, dim), (bases,))]
    readout = tf.constant(rng.normal(size=(*lead, dim)))
    found = []
    for function in (dendrites, plain):
        with tf.GradientTape() as tape:
            tape.watch(given_)
            value = function(*given_, slope)
            loss = tf.reduce_sum(tf.sin(value) * readout)
        found.append([value, *tape.gradient(loss, given_)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_slopes_are_those_of_finite_differences(rng):
    u, thresholds, weights = rng.normal(size=(4, 3)), rng.normal(size=(5, 3)), rng.normal(size=5)
    eps = 1e-7
    numbers = [tf.constant(one) for one in (thresholds, weights)]
    above, below = (dendrites(tf.constant(u + sign * eps), *numbers, 0.18).numpy() for sign in (1, -1))
    np.testing.assert_allclose(dendrite_slopes(tf.constant(u), *numbers, 0.18), (above - below) / (2 * eps), atol=1e-6)
