"""Read-in and read-out of several sessions against products written out session by session."""

from __future__ import annotations

import numpy as np
import pytest

from indl_vae.layers import SessionChannels, SessionReadIn, SessionReadOut

CHANNELS, SESSION = (3, 5, 2), np.array([2, 0, 1, 1, 0], "f4")


@pytest.fixture
def x(rng):
    """Trials whose columns beyond the session's own hold values that must not matter."""
    return rng.normal(size=(5, 4, 5)).astype("f4")


def numpy_of(weights):
    return [np.asarray(weight) for weight in weights]


def randomise(layer, rng):
    layer.set_weights([rng.normal(size=w.shape).astype("f4") for w in layer.weights])


def test_read_in_is_each_sessions_own_product(x, rng):
    layer = SessionReadIn(CHANNELS, units=4, seed=1)
    layer(x, SESSION)
    randomise(layer, rng)
    got = np.asarray(layer(x, SESSION))
    for trial, number in enumerate(SESSION.astype(int)):
        kernel, bias = np.asarray(layer.kernels[number]), np.asarray(layer.biases[number])
        expected = x[trial, :, : CHANNELS[number]] @ kernel + bias
        np.testing.assert_allclose(got[trial], expected, rtol=1e-5, atol=1e-5)


def test_read_out_is_each_sessions_own_product_with_zeros_after_it(rng):
    factors, layer = rng.normal(size=(5, 4, 3)).astype("f4"), SessionReadOut(CHANNELS, per_channel=2, seed=1)
    layer(factors, SESSION)
    randomise(layer, rng)
    got = np.asarray(layer(factors, SESSION)).reshape(5, 4, 2, 5)
    for trial, number in enumerate(SESSION.astype(int)):
        kernel, bias = np.asarray(layer.kernels[number]), np.asarray(layer.biases[number])
        expected = (factors[trial] @ kernel + bias).reshape(4, 2, CHANNELS[number])
        np.testing.assert_allclose(got[trial][..., : CHANNELS[number]], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(got[trial][..., CHANNELS[number] :], 0.0)


def test_weights_have_the_sizes_of_their_sessions_and_start_apart(x):
    layer = SessionReadIn((5, 5), units=4, seed=1)
    layer(x, np.zeros(5, "f4"))
    assert [tuple(w.shape) for w in layer.weights] == [(5, 4), (4,)] * 2
    first, second = numpy_of(layer.kernels)
    assert not np.array_equal(first, second)
    wide = SessionReadIn((400,), units=300, seed=1)
    wide.build((1, 1, 400))
    assert np.asarray(wide.kernels[0]).std() == pytest.approx(1 / 20, rel=0.02)


def test_seen_channels_are_those_of_the_trials_session(x):
    kept = np.asarray(SessionChannels(5, [[0], [1, 4], []])(x, SESSION))
    expected = np.zeros_like(x)
    for trial, number in enumerate(SESSION.astype(int)):
        for channel in ([0], [1, 4], [])[number]:
            expected[trial, :, channel] = x[trial, :, channel]
    np.testing.assert_array_equal(kept, expected)
