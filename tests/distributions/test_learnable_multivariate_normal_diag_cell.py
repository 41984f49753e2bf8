"""The seed's cell: its calls as written there, the maths against a loop, sampling, saving."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from indl_vae.distributions import LearnableMultivariateNormalDiagCell
from indl_vae.errors import ConfigError
from indl_vae.numerics import SCALE_FLOOR
from tests.distributions.helpers import value_and_gradients

tfd = tfp.distributions
CELLS = ["lstm", "gru", "GRUClip", "SimpleRNN", "rnn"]


def test_usage_of_the_seed_document():
    dynamic_prior_cell = LearnableMultivariateNormalDiagCell(3, 4, cell_type="gru")
    sample, state = dynamic_prior_cell.zero_state([1, 1])
    locs = []
    scale_diags = []
    sample_list = []
    for _ in range(161):
        dist, state = dynamic_prior_cell(sample, state)
        sample = dist.sample()
        locs.append(dist.parameters["loc"])
        scale_diags.append(dist.parameters["scale_diag"])
        sample_list.append(sample)
    assert isinstance(dist, tfd.MultivariateNormalDiag)
    for parts in (locs, scale_diags, sample_list):
        assert tf.stack(parts, axis=2).shape == (1, 1, 161, 3)


@pytest.mark.parametrize("cell_type", CELLS)
def test_first_step_has_the_given_deviation(cell_type):
    cell = LearnableMultivariateNormalDiagCell(3, 4, cell_type, shift_std=1.0)
    dist, state = cell(*cell.zero_state([2, 5]))
    assert dist.batch_shape == (2, 5) and dist.event_shape == (3,)
    assert [part.shape for part in state] == [(2, 5, 4)] * (2 if cell_type == "lstm" else 1)
    np.testing.assert_array_equal(dist.parameters["loc"], np.zeros((2, 5, 3)))
    np.testing.assert_allclose(dist.parameters["scale_diag"], 1.0 + SCALE_FLOOR, rtol=1e-6)


def test_gru_applies_the_reset_gate_before_the_recurrent_product(rng):
    cell = LearnableMultivariateNormalDiagCell(2, 3, "gru", shift_std=0.5)
    for weight in cell.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    z, h = rng.normal(size=(1, 2)), rng.normal(size=(1, 3))
    dist, (new_h,) = cell(tf.constant(z, tf.float32), [tf.constant(h, tf.float32)])
    kernel, recurrent, bias = (np.split(w.numpy(), 3, axis=-1) for w in cell.rnn_cell.weights)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    u, r = (sigmoid(z @ kernel[i] + h @ recurrent[i] + bias[i]) for i in range(2))
    candidate = np.tanh(z @ kernel[2] + (r * h) @ recurrent[2] + bias[2])
    expected = u * h + (1 - u) * candidate
    np.testing.assert_allclose(new_h, expected, atol=1e-6)
    np.testing.assert_allclose(
        dist.loc, expected @ cell.loc_head.kernel.numpy() + cell.loc_head.bias.numpy(), atol=1e-5
    )
    raw = expected @ cell.scale_head.kernel.numpy() + cell.scale_head.bias.numpy()
    np.testing.assert_allclose(dist.scale.diag, np.log1p(np.exp(raw + np.log(np.expm1(0.5)))) + 1e-5, atol=1e-5)


@pytest.mark.parametrize("cell_type", CELLS)
@pytest.mark.parametrize("jit", [False, True])
def test_rollout_is_the_loop_over_the_cell(rng, cell_type, jit):
    cell = LearnableMultivariateNormalDiagCell(2, 3, cell_type, shift_std=0.5)
    noise = tf.constant(rng.normal(size=(6, 2, 4, 2)), tf.float32)
    got = tf.function(cell.rollout, jit_compile=jit)(noise)
    sample, state = cell.zero_state([2, 4])
    for t in range(6):
        dist, state = cell(sample, state)
        sample = dist.loc + dist.scale.diag * noise[t]
        for ours, loop in zip(got, (sample, dist.loc, dist.scale.diag), strict=True):
            np.testing.assert_allclose(ours[t], loop, atol=2e-6)


@pytest.mark.parametrize("jit", [False, True])
def test_gradient_reaches_every_weight(rng, jit):
    cell = LearnableMultivariateNormalDiagCell(2, 3)
    noise = tf.constant(rng.normal(size=(4, 2, 2)), tf.float32)
    _, gradients = value_and_gradients(
        lambda: tf.reduce_sum(tf.sin(tf.stack(cell.rollout(noise)))), cell.trainable_weights, jit
    )
    assert len(gradients) == 7
    assert all(np.abs(one).max() > 0 for one in gradients)


def test_sample_dynamic_prior_shapes():
    cell = LearnableMultivariateNormalDiagCell(3, 4)
    sample, dist = cell.sample_dynamic_prior(7, samples=2, batches=5)
    assert sample.shape == (2, 5, 7, 3)
    assert isinstance(dist, tfd.MultivariateNormalDiag)
    assert dist.batch_shape == (2, 5, 7) and dist.event_shape == (3,)
    assert len(np.unique(sample.numpy()[:, :, -1, 0])) == 10, "every sequence is a draw of its own"


def test_fixed_shares_one_draw_over_the_batch():
    sample, dist = LearnableMultivariateNormalDiagCell(3, 4).sample_dynamic_prior(7, samples=2, batches=5, fixed=True)
    assert sample.shape == (2, 5, 7, 3) and dist.batch_shape == (2, 1, 7)
    np.testing.assert_array_equal(sample, np.repeat(sample[:, :1], 5, axis=1))
    assert not np.array_equal(sample[0, 0], sample[1, 0])


def test_samples_have_the_deviation_that_the_distribution_says():
    cell = LearnableMultivariateNormalDiagCell(2, 4, shift_std=0.1, seed=3)
    sample, dist = cell.sample_dynamic_prior(3, samples=4, batches=2000)
    standard = (sample - dist.loc) / dist.scale.diag
    np.testing.assert_allclose(tf.math.reduce_std(standard, axis=[0, 1]), 1.0, atol=0.04)
    np.testing.assert_allclose(tf.math.reduce_std(sample[:, :, 0], axis=[0, 1]), 0.1, atol=0.004)


def test_seed_of_a_draw_and_of_the_layer():
    cell = LearnableMultivariateNormalDiagCell(2, 4, seed=3)
    draw = lambda seed=None: cell.sample_dynamic_prior(5, seed=seed)[0].numpy()  # noqa: E731
    np.testing.assert_array_equal(draw(1), draw(1))
    assert not np.array_equal(draw(1), draw(2))
    assert not np.array_equal(draw(), draw()), "without a seed the layer's own stream goes on"


def test_config_and_weights_survive_saving(tmp_path):
    cell = LearnableMultivariateNormalDiagCell(2, 4, "gru", shift_std=0.3, seed=3, name="cell")
    cell.loc_head.bias.assign([1.0, 2.0])
    cell.sample_dynamic_prior(2)
    holder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    holder.cell = cell
    holder.save_weights(tmp_path / "all.weights.h5")
    again = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    again.cell = LearnableMultivariateNormalDiagCell.from_config(cell.get_config())
    again.load_weights(tmp_path / "all.weights.h5")
    np.testing.assert_array_equal(cell.sample_dynamic_prior(4)[0], again.cell.sample_dynamic_prior(4)[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 4), "`dim` must be at least 1, got 0"),
        ((3, 0), "`units` must be at least 1, got 0"),
        ((3, 4, "transformer"), "`cell_type` must be one of .*'lstm'.*got 'transformer'"),
        ((3, 4, "gru", -0.1), "`shift_std` must be above 0, got -0.1"),
    ],
)
def test_options_out_of_range_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        LearnableMultivariateNormalDiagCell(*arguments)


@pytest.mark.parametrize("cell_type", ["lstm", "gru", "simplernn"])
def test_the_same_seed_gives_the_same_initial_weights(cell_type):
    one, same, other = (LearnableMultivariateNormalDiagCell(3, 4, cell_type, seed=s) for s in (1, 1, 2))
    for ours, theirs in zip(one.weights, same.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any(not np.array_equal(ours, theirs) for ours, theirs in zip(one.weights, other.weights, strict=True))
