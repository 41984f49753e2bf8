"""Messages between regions against a loop over pairs; numbers of weights; what does not reach whom."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from indl_vae.errors import ConfigError
from indl_vae.layers import PairNetworks, RegionDynamics
from tests.layers.regions.naive_regions import next_means

OPTIONS = st.fixed_dictionaries(
    {
        "n_regions": st.integers(1, 3),
        "dim": st.integers(1, 2),
        "n_states": st.integers(1, 3),
        "input_dim": st.integers(0, 2),
        "communication": st.sampled_from(["additive", "additive-linear", "additive-nonlinear", "conditional"]),
        "state_as_input": st.booleans(),
        "input_networks": st.sampled_from(["separate", "together"]),
        "conditional_inputs": st.booleans(),
        "correction_dim": st.integers(0, 2),
        "residual": st.booleans(),
    }
)


@settings(max_examples=25, deadline=None)
@given(options=OPTIONS, seed=st.integers(0, 99))
def test_batched_products_are_the_loop_over_pairs(options, seed):
    layer = RegionDynamics(**options, units=(4,), activations=("tanh", None), seed=seed)
    rng = np.random.default_rng(seed)
    width = layer.n_regions * layer.dim
    x = rng.normal(size=(2, 3, width)).astype("float32")
    u = rng.normal(size=(2, 3, layer.input_dim)).astype("float32") if layer.input_dim else None
    correction = rng.normal(size=(2, 3, layer.n_regions * layer.correction_dim)).astype("float32")
    step = layer(x, u, correction if layer.correction_dim else None)
    for place in np.ndindex(2, 3):
        means, messages = next_means(layer, x[place], None if u is None else u[place], correction[place])
        np.testing.assert_allclose(step.mean[place], means, atol=1e-5)
        np.testing.assert_allclose(step.messages[place], messages, atol=1e-5)
    whole = tf.reduce_sum(step.messages, -2) + tf.reduce_sum(step.input_messages, -2)
    own = x.reshape(2, 3, 1, layer.n_regions, layer.dim) if layer.residual else 0.0
    np.testing.assert_allclose(tf.reshape(whole + own, step.mean.shape), step.mean, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(options=OPTIONS, seed=st.integers(0, 99))
def test_slopes_are_those_of_reverse_differentiation(options, seed):
    layer = RegionDynamics(**options, units=(4, 3), activations=("tanh", "softplus", None), seed=seed)
    rng = np.random.default_rng(seed)
    x = tf.constant(rng.normal(size=(3, layer.n_regions * layer.dim)), tf.float32)
    u = tf.constant(rng.normal(size=(3, layer.input_dim)), tf.float32) if layer.input_dim else None
    with tf.GradientTape() as tape:
        tape.watch(x)
        expected = layer(x, u).mean
    means, slopes = layer.linearized(x, u)
    np.testing.assert_allclose(means, expected, atol=1e-5)
    np.testing.assert_allclose(slopes, tape.batch_jacobian(expected, x), atol=1e-5)


def test_slopes_can_be_differentiated_under_xla():
    layer = RegionDynamics(2, 2, 2, 1, (3,), ("tanh", None), conditional_inputs=True, seed=0)

    def total(x, u):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(tf.square(layer.linearized(x, u)[1]))
        weights = [weight.value for weight in layer.trainable_weights]
        return tape.gradient(value, weights, unconnected_gradients="zero")

    rng = np.random.default_rng(0)
    x, u = (tf.constant(rng.normal(size=(3, width)), tf.float32) for width in (4, 1))
    compiled = tf.function(total, jit_compile=True, autograph=False)
    for ours, theirs in zip(compiled(x, u), total(x, u), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 4 * 1218 + 8),
        ({"n_states": 2}, 2 * (4 * 1218 + 8)),
        ({"n_states": 2, "state_as_input": True}, 4 * 1350 + 24),
        ({"correction_dim": 2}, 4 * 1218 + 8 + 256),
    ],
)
def test_numbers_of_weights_are_those_of_the_published_networks(options, expected):
    assert RegionDynamics(2, 2, input_dim=2, **options).count_params() == expected


def test_a_message_depends_on_its_sender_alone():
    layer = RegionDynamics(3, 2, seed=1)
    x = tf.Variable(np.random.default_rng(0).normal(size=(1, 6)).astype("float32"))
    with tf.GradientTape() as tape:
        message = tf.reduce_sum(layer(x).messages[0, 0, 0, 2])
    felt = tape.gradient(message, x).numpy().reshape(3, 2)
    assert np.abs(felt[2]).min() > 0 and not felt[:2].any()


def test_a_linear_cross_network_is_a_linear_map():
    layer = RegionDynamics(2, 2, communication="additive-linear", activations=("relu", "relu", None), seed=1)
    x = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    messages = layer(x).messages.numpy()[:, 0]
    design = np.concatenate([x[:, 2:], np.ones((50, 1))], 1)
    rest = messages[:, 0, 1] - design @ np.linalg.lstsq(design, messages[:, 0, 1], rcond=None)[0]
    own = messages[:, 1, 1] - design @ np.linalg.lstsq(design, messages[:, 1, 1], rcond=None)[0]
    assert np.abs(rest).max() < 1e-5 < 1e-3 < np.abs(own).max()


def test_dropout_leaves_out_the_same_units_everywhere():
    layer = RegionDynamics(2, 2, dropout=0.5, seed=1)
    kept = [one.numpy() for one in layer.draw_kept()]
    assert {*np.unique(kept[0])} == {0.0, 2.0} and kept[0].shape == (1, 2, 2, 1, 32)
    x = np.ones((3, 4), "float32")
    assert not np.allclose(layer(x, kept=kept).mean, layer(x).mean)
    assert RegionDynamics(2, 2).draw_kept() is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RegionDynamics(2, 2, communication="loud"), "`communication` must be one of additive, additive-lin"),
        (lambda: RegionDynamics(2, 2, input_networks="one"), "`input_networks` must be one of separate, together"),
        (lambda: RegionDynamics(0, 2), "at least one region, latent and discrete state, got 0, 2 and 1"),
        (lambda: PairNetworks(2, 2, 1, 1, [3], [None]), "an activation for each of the 1 hidden layers and one for"),
        (lambda: PairNetworks(2, 2, 1, 1, cross="none"), "`cross` must be one of same, linear, relu, got 'none'"),
        (lambda: PairNetworks(2, 3, 1, 1, cross="relu"), "`cross` needs as many sources as targets"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
